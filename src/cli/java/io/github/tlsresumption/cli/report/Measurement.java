package io.github.tlsresumption.cli.report;

import java.util.Arrays;

/**
 * What handshakes of one kind cost the server.
 *
 * @param way how the connection was set up
 * @param protocol the version of TLS
 * @param resumes whether sessions were resumed, where they should be
 * @param nanos processor time of each handshake on the server's side, in rising order
 * @param toServer bytes on the wire, the median
 * @param toClient bytes on the wire, the median, tickets included
 */
public record Measurement(Way way, String protocol, boolean resumes, long[] nanos, long toServer, long toClient)
{
    static long[] sorted(long[] values)
    {
        long[] copy = values.clone();
        Arrays.sort(copy);
        return copy;
    }

    /**
     * @param share from 0 to 1
     * @return the time that this share of the handshakes needs at most, in nanoseconds
     */
    public long percentile(double share)
    {
        return nanos[(int)Math.min(nanos.length - 1, Math.round(share * (nanos.length - 1)))];
    }

    /**
     * @return the time of the handshake in the middle, in nanoseconds
     */
    public long median()
    {
        return percentile(0.5);
    }

    /**
     * @return how many handshakes in a second one core does
     */
    public long perSecond()
    {
        return Math.round(1e9 / median());
    }

    @Override
    public String toString()
    {
        return way + ", " + protocol + ": " + median() + " ns of " + nanos.length;
    }
}
