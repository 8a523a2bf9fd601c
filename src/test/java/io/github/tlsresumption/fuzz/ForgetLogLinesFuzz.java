package io.github.tlsresumption.fuzz;

import java.nio.charset.StandardCharsets;

import io.github.tlsresumption.forget.ForgetLogLines;

/**
 * Lines of a forget log: damaged, or the very same when written again.
 */
public final class ForgetLogLinesFuzz
{
    private ForgetLogLinesFuzz()
    {
    }

    /**
     * @param data any bytes
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        String line = new String(data, StandardCharsets.ISO_8859_1);
        ForgetLogLines.decode(line).ifPresent(entry ->
        {
            if (!ForgetLogLines.encode(entry).equals(line))
            {
                throw new AssertionError("another line for " + line);
            }
        });
    }
}
