package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The processor time that a process has used, by thread, as Linux counts it: user and system in nanoseconds.
 *
 * @param compilers what the JVM's compiler threads used
 * @param others what all others used
 * @param gone whether a thread has ended since, whose time is lost
 */
record ServerCpu(long compilers, long others, boolean gone)
{
    /**
     * At one moment.
     *
     * @param threads nanoseconds by thread
     * @param isCompiler which threads are compilers
     */
    record Snapshot(Map<Long, Long> threads, Map<Long, Boolean> isCompiler)
    {
        /**
         * @param earlier of the same process
         * @return what was used since then
         */
        ServerCpu since(Snapshot earlier)
        {
            long compilers = 0;
            long others = 0;
            for (Map.Entry<Long, Long> thread : threads.entrySet())
            {
                long used = thread.getValue() - earlier.threads.getOrDefault(thread.getKey(), 0L);
                if (isCompiler.get(thread.getKey()))
                {
                    compilers += used;
                }
                else
                {
                    others += used;
                }
            }
            return new ServerCpu(compilers, others, !threads.keySet().containsAll(earlier.threads.keySet()));
        }
    }

    /**
     * @param pid a process
     * @return what it has used until now
     */
    static Snapshot of(long pid)
    {
        Map<Long, Long> threads = new HashMap<>();
        Map<Long, Boolean> compilers = new HashMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc", String.valueOf(pid), "task")))
        {
            for (Path task : tasks.toList())
            {
                try
                {
                    long nanos = Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
                    String name = Files.readString(task.resolve("comm")).strip();
                    long id = Long.parseLong(task.getFileName().toString());
                    threads.put(id, nanos);
                    compilers.put(id, name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler"));
                }
                catch (NoSuchFileException e)
                {
                    // It ended just now, which the next snapshot shows.
                    continue;
                }
            }
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        return new Snapshot(threads, compilers);
    }

    /**
     * The whole machine's time at one moment.
     *
     * @param steal ticks that the hypervisor gave to others
     * @param all ticks
     */
    record Machine(long steal, long all)
    {
        private static final int STEAL_FIELD = 7;
        private static final int FIELDS = 8;

        static Machine now()
        {
            try (Stream<String> lines = Files.lines(Path.of("/proc/stat")))
            {
                String[] words = lines.findFirst().orElseThrow().split(" +");
                List<Long> fields = Stream.of(words).skip(1).limit(FIELDS).map(Long::valueOf).toList();
                return new Machine(fields.get(STEAL_FIELD), fields.stream().mapToLong(Long::longValue).sum());
            }
            catch (IOException e)
            {
                throw new UncheckedIOException(e);
            }
        }

        /**
         * @param earlier a moment before
         * @param share of the machine
         * @return whether more than that was stolen since then, and not by the last tick alone
         */
        boolean stolenSince(Machine earlier, double share)
        {
            long ticks = steal - earlier.steal;
            return ticks > 1 && ticks > share * (all - earlier.all);
        }
    }
}
