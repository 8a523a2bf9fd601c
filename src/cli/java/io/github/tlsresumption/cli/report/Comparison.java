package io.github.tlsresumption.cli.report;

import java.util.Locale;
import java.util.Optional;

/**
 * A way of resumption beside a full handshake of the same server.
 *
 * @param way the way of resumption
 * @param protocol the version of TLS
 * @param gain the share of the full handshake's processor time that it saves, where both were measured
 * @param interval the bounds of that share
 * @param doubt why the gain does not count; empty when it does
 */
record Comparison(Way way, String protocol, Optional<Double> gain, Optional<Interval> interval, Optional<Doubt> doubt)
{
    /** Fewer rounds tell too little about how much they differ. */
    static final int LEAST_ROUNDS = 10;

    /**
     * @param results what was measured
     * @param way a way of resumption
     * @param protocol the version of TLS
     * @return the comparison
     */
    static Comparison of(Bench.Results results, Way way, String protocol)
    {
        Optional<Measurement> full = results.find(way.isStock() ? Way.STOCK_FULL : Way.FULL, protocol);
        Optional<Measurement> resumed = results.find(way, protocol);
        Optional<Doubt> doubt = full.isEmpty() ? again("the full handshake was not measured")
            : resumed.isEmpty() ? again(way.inWords() + " was not measured") : doubt(full.get(), resumed.get());
        if (full.isEmpty() || resumed.isEmpty() || !full.get().hasTime() || !resumed.get().hasTime())
        {
            return new Comparison(way, protocol, Optional.empty(), Optional.empty(), doubt);
        }
        Interval of = full.get().interval().orElseThrow();
        Interval by = resumed.get().interval().orElseThrow();
        double gain = 1 - (double)resumed.get().median() / full.get().median();
        // A round of a coarse clock may have 0.
        Interval interval = new Interval(1 - by.high() / Math.max(1, of.low()), 1 - by.low() / of.high());
        return new Comparison(way, protocol, Optional.of(gain), Optional.of(interval), doubt);
    }

    private static Optional<Doubt> doubt(Measurement full, Measurement resumed)
    {
        String in = "in " + resumed.way().inWords();
        int rounds = Math.min(full.rounds().length, resumed.rounds().length);
        if (rounds < LEAST_ROUNDS)
        {
            return again("only " + rounds + (rounds == 1 ? " round was" : " rounds were") + " measured, " + LEAST_ROUNDS + " are needed");
        }
        if (!full.isAsExpected())
        {
            return check(full.resumed() + " of " + full.nanos().length + " full handshakes resumed a session");
        }
        if (!resumed.isAsExpected())
        {
            return check(in + " " + resumed.resumed() + " of " + resumed.nanos().length + " handshakes resumed a session");
        }
        if (!full.hasTime() || !resumed.hasTime())
        {
            return Optional.of(new Doubt("processor time is measured too coarsely here", Doubt.Remedy.CLOCK));
        }
        Interval of = full.interval().orElseThrow();
        Interval by = resumed.interval().orElseThrow();
        if (of.overlaps(by))
        {
            return again("the intervals of a resumption " + in + " (" + milliseconds(by) + ") and of a full handshake (" + milliseconds(of)
                + ") overlap");
        }
        return by.low() > of.high()
            ? again("a resumption was measured dearer than a full handshake: something disturbed the measurement") : Optional.empty();
    }

    /**
     * @param results what was measured
     * @return whether the gain counts: without a doubt of its own or of the whole measurement
     */
    boolean isConclusive(Bench.Results results)
    {
        return results.quiet() && doubt.isEmpty();
    }

    /**
     * @return the gain in per cent
     */
    String percent()
    {
        return gain.map(share -> String.format(Locale.ROOT, "%.0f %%", 100 * share)).orElse("\u2013");
    }

    /**
     * @return the interval in per cent
     */
    String bounds()
    {
        return interval.map(bounds -> String.format(Locale.ROOT, "%.1f to %.1f %%", 100 * bounds.low(), 100 * bounds.high()))
            .orElse("\u2013");
    }

    private static String milliseconds(Interval interval)
    {
        return String.format(Locale.ROOT, "%.3f to %.3f ms", interval.low() / 1e6, interval.high() / 1e6);
    }

    private static Optional<Doubt> again(String why)
    {
        return Optional.of(new Doubt(why, Doubt.Remedy.MEASURE_AGAIN));
    }

    private static Optional<Doubt> check(String why)
    {
        return Optional.of(new Doubt(why, Doubt.Remedy.CHECK));
    }
}
