package io.github.tlsresumption.cli.report;

/**
 * What sessions take on the server's heap.
 *
 * @param way how they are kept
 * @param sessions how many were made
 * @param bytes by how much the live heap grew
 */
public record MemoryUse(Way way, int sessions, long bytes)
{
    private static final int REFERENCE = 100_000;

    /**
     * @return for 100 000 sessions, in bytes; nothing below what a measurement can tell
     */
    public long perHundredThousand()
    {
        return Math.max(0, bytes) * REFERENCE / sessions;
    }
}
