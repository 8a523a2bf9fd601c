package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the process has of memory.
 *
 * @param resident bytes
 * @param allocated bytes in use of what glibc's {@code malloc} gives out, the JVM's own among them; 0 where it does not tell
 */
record ProcessMemory(long resident, long allocated)
{
    private static final Linker LINKER = Linker.nativeLinker();
    /** The fields of glibc's {@code struct mallinfo2}, and those of them that are in use: by {@code mmap}, and from arenas. */
    private static final int FIELDS = 10;
    private static final int MAPPED = 4;
    private static final int IN_ARENAS = 7;
    private static final MemoryLayout INFO = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(FIELDS, ValueLayout.JAVA_LONG));
    private static final Optional<MethodHandle> MALLINFO =
        LINKER.defaultLookup().find("mallinfo2").map(address -> LINKER.downcallHandle(address, FunctionDescriptor.of(INFO)));

    static ProcessMemory now() throws IOException
    {
        System.gc();
        long kilobytes = Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
        return new ProcessMemory(kilobytes * 1024, MALLINFO.map(ProcessMemory::allocated).orElse(0L));
    }

    private static long allocated(MethodHandle function)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment info = (MemorySegment)function.invokeExact((SegmentAllocator)arena);
            return info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED) + info.getAtIndex(ValueLayout.JAVA_LONG, IN_ARENAS);
        }
        catch (Throwable e)
        {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString()
    {
        String used = allocated == 0 ? "" : ", malloc %,d KB".formatted(allocated / 1024);
        return "resident %,d KB%s".formatted(resident / 1024, used);
    }
}
