package io.github.tlsresumption.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

import io.github.tlsresumption.it.ServerCpu.Machine;
import io.github.tlsresumption.it.ServerVariant.Running;

/**
 * A server whose processor time is measured, through any number of starts. Not thread-safe.
 */
final class MeasuredServer
{
    private static final double MAX_STEAL = 0.04;
    private static final double QUIET_SHARE = 0.02;
    private static final int ATTEMPTS = 4;
    private static final int WARM_UP_TURNS = 3;
    private static final double NANOS_PER_MICRO = 1_000;

    private final ServerVariant variant;
    private final Path program;
    private final Map<String, LoadGenerator> clients = new LinkedHashMap<>();
    private final Map<ConnectionTask, Integer> tickets = new LinkedHashMap<>();
    private Running running;
    private int taken;
    private int stolen;
    private int ended;

    /**
     * @param variant what it is
     * @param program from {@link LoadGenerator#build}
     */
    MeasuredServer(ServerVariant variant, Path program)
    {
        this.variant = variant;
        this.program = program;
    }

    ServerVariant variant()
    {
        return variant;
    }

    void start()
    {
        System.out.println("starting " + variant.name());
        running = variant.starter().apply(List.of());
    }

    private LoadGenerator clients(ConnectionTask task)
    {
        return clients.computeIfAbsent(task.protocol() + task.key(),
            key -> new LoadGenerator(program, running.ports().get(task.key()), task.protocol(), variant.pick()));
    }

    void stop()
    {
        clients.values().forEach(LoadGenerator::close);
        clients.clear();
        try
        {
            if (running != null)
            {
                running.stop().run();
            }
        }
        catch (RuntimeException e)
        {
            // The others are to be stopped too.
            System.err.println("could not stop " + variant.name() + ": " + e);
        }
        running = null;
    }

    /**
     * Until the compilers do next to nothing during a turn of all tasks.
     *
     * @param tasks what it does
     * @param count how many connections are in a sample
     * @param longest how long it may take
     * @return whether they came to that
     */
    boolean warmUp(List<ConnectionTask> tasks, ToIntFunction<ConnectionTask> count, Duration longest)
    {
        long start = System.nanoTime();
        double share;
        do
        {
            ServerCpu.Snapshot before = ServerCpu.of(running.pid());
            tasks.forEach(task -> clients(task).connect(task.resumed(), WARM_UP_TURNS * count.applyAsInt(task)));
            ServerCpu used = ServerCpu.of(running.pid()).since(before);
            share = (double)used.compilers() / Math.max(1, used.others());
            System.out.printf(Locale.ROOT, "warming up %s: compilers %.1f %%%n", variant.name(), share * 100);
        }
        while (running.jvm() && share > QUIET_SHARE && System.nanoTime() - start < longest.toNanos());
        return !running.jvm() || share <= QUIET_SHARE;
    }

    /**
     * @param task a kind of connection
     * @param count how many
     * @return the processor time of one without that of compilers, in microseconds; not a number when the machine was too busy
     */
    double micros(ConnectionTask task, int count)
    {
        LoadGenerator load = clients(task);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++)
        {
            // The first connection of a kind, and what the one before left to do, are not counted.
            load.connect(task.resumed(), 2);
            Machine machine = Machine.now();
            ServerCpu.Snapshot before = ServerCpu.of(running.pid());
            load.connect(task.resumed(), count);
            ServerCpu used = ServerCpu.of(running.pid()).since(before);
            boolean isStolen = Machine.now().stolenSince(machine, MAX_STEAL);
            taken++;
            tickets.put(task, load.ticketBytes());
            if (isStolen)
            {
                stolen++;
            }
            else if (used.gone())
            {
                ended++;
            }
            else
            {
                return used.others() / NANOS_PER_MICRO / count;
            }
        }
        return Double.NaN;
    }

    /**
     * @return the length of the ticket that clients of the task have got last, in bytes; null without
     */
    Integer ticketBytes(ConnectionTask task)
    {
        return tickets.get(task);
    }

    /**
     * @return how many samples were taken
     */
    int taken()
    {
        return taken;
    }

    /**
     * @return how many of them were thrown away since the hypervisor gave the processors to others
     */
    int stolen()
    {
        return stolen;
    }

    /**
     * @return how many of them were thrown away since a thread had ended, with its time
     */
    int ended()
    {
        return ended;
    }
}
