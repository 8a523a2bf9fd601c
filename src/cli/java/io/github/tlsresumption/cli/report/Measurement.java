package io.github.tlsresumption.cli.report;

import java.util.Arrays;
import java.util.Optional;

/**
 * What handshakes of one kind cost the server.
 *
 * @param way how the connection was set up
 * @param protocol the version of TLS
 * @param resumed how many handshakes resumed a session
 * @param nanos processor time of each handshake on the server's side, in rising order
 * @param rounds the median of each round, in rising order. Handshakes of one round are disturbed together, rounds hardly are: the
 *     interval comes from these
 * @param toServer bytes on the wire, the median
 * @param toClient bytes on the wire, the median, tickets included
 */
public record Measurement(Way way, String protocol, int resumed, long[] nanos, long[] rounds, long toServer, long toClient)
{
    static long[] sorted(long[] values)
    {
        long[] copy = values.clone();
        Arrays.sort(copy);
        return copy;
    }

    /**
     * @return whether every handshake did what it should: resumed a session, or made one
     */
    public boolean isAsExpected()
    {
        return resumed == (way.isFull() ? 0 : nanos.length);
    }

    /**
     * @return whether sessions were resumed, each time
     */
    public boolean resumes()
    {
        return !way.isFull() && nanos.length > 0 && isAsExpected();
    }

    /**
     * @return whether there is a time: handshakes were measured, by a clock that is fine enough
     */
    public boolean hasTime()
    {
        return median() > 0;
    }

    /**
     * @param share from 0 to 1
     * @return the time that this share of the handshakes needs at most, in nanoseconds; 0 without handshakes
     */
    public long percentile(double share)
    {
        return nanos.length == 0 ? 0 : nanos[(int)Math.min(nanos.length - 1, Math.round(share * (nanos.length - 1)))];
    }

    /**
     * @return the time of the handshake in the middle, in nanoseconds
     */
    public long median()
    {
        return percentile(0.5);
    }

    /**
     * @return the 95 % confidence interval of the median, in nanoseconds; empty without handshakes
     */
    public Optional<Interval> interval()
    {
        return rounds.length == 0 ? Optional.empty() : Optional.of(Interval.ofMedian(rounds).including(median()));
    }

    /**
     * @return how many handshakes in a second one core does, where there is a time
     */
    public Optional<Long> perSecond()
    {
        return hasTime() ? Optional.of(Math.round(1e9 / median())) : Optional.empty();
    }

    @Override
    public String toString()
    {
        return way + ", " + protocol + ": " + median() + " ns of " + nanos.length;
    }
}
