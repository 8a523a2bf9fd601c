package io.github.tlsresumption.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What to set, and why. A pure function of what was measured.
 *
 * @param mode for TLS 1.3
 * @param tls12Mode for TLS 1.2
 * @param reasons sentences
 */
public record Recommendation(String mode, String tls12Mode, List<String> reasons)
{
    /** Below this share of a full handshake's time nothing is worth a risk. */
    private static final double WORTH = 0.10;
    private static final double NOISE = 0.02;

    private static final String OFF = "off";
    private static final String TICKET = "ticket";
    private static final String CACHE = "cache";

    /**
     * @param results what was measured
     * @param environment for what
     * @return the recommendation
     */
    public static Recommendation of(Bench.Results results, Environment environment)
    {
        List<String> reasons = new ArrayList<>();
        String mode = mode(results, environment, "TLSv1.3", reasons);
        String tls12Mode = mode(results, environment, "TLSv1.2", reasons);
        for (String protocol : List.of("TLSv1.3", "TLSv1.2"))
        {
            find(results, Way.STOCK_TICKET, protocol).filter(stock -> !stock.resumes()).ifPresent(stock ->
                reasons.add(protocol + ": stock Jetty resumes no session by ticket with this key store."));
        }
        if (!results.quiet())
        {
            reasons.add("The compilers were not at rest when the measurement began: the times are higher than those of a server that has "
                + "run for a while. Differences below a quarter mean nothing; measure again on a machine at rest, and without --quick.");
        }
        return new Recommendation(mode, tls12Mode, reasons);
    }

    private static String mode(Bench.Results results, Environment environment, String protocol, List<String> reasons)
    {
        long full = find(results, Way.FULL, protocol).orElseThrow().median();
        Optional<Measurement> ticket = find(results, Way.TICKET, protocol).filter(Measurement::resumes);
        Optional<Measurement> cache = find(results, Way.CACHE, protocol).filter(Measurement::resumes);
        if (ticket.isEmpty() || cache.isEmpty())
        {
            reasons.add(protocol + ": " + OFF + ", since no session was resumed here.");
            return OFF;
        }
        boolean cached = protocol.equals("TLSv1.2") || environment.clientCertificates();
        Measurement chosen = cached ? cache.get() : ticket.get();
        double gain = 1 - (double)chosen.median() / full;
        String saved = String.format(Locale.ROOT, "%.2f ms of %.2f ms of the server's processor (%.0f %%)", (full - chosen.median()) / 1e6,
            full / 1e6, 100 * gain);
        if (gain < WORTH)
        {
            reasons.add(protocol + ": " + OFF + ". A resumption saves " + saved + ", too little to keep keys or sessions for it"
                + (gain <= 0 ? "" : ", unless round trips or the clients' processors count") + ".");
            return OFF;
        }
        long difference = cache.get().median() - ticket.get().median();
        String time = difference > full * NOISE ? String.format(Locale.ROOT, "%.2f ms", difference / 1e6) : "no time worth mention";
        String price = String.format(Locale.ROOT, "%s and %.0f MB for each 100\u00a0000 sessions", time, memory(results) / 1e6);
        if (!cached)
        {
            reasons.add(protocol + ": " + TICKET + ". A resumption saves " + saved + ". A stolen ticket key opens no recorded traffic, and "
                + "lives for " + Risk.words(environment.keyLife()) + " at most. Mode cache, where it is worth nothing, costs " + price
                + " more, and loses its sessions with the process unless nodes share a store.");
            return TICKET;
        }
        reasons.add(protocol + ": " + CACHE + ". A resumption saves " + saved + ". "
            + (protocol.equals("TLSv1.2") ? "With mode ticket a stolen ticket key would open recorded traffic, for ever"
                : "With mode ticket a thief of a ticket key could pose as clients that have proved who they are by a certificate")
            + "; mode cache, whose ticket keys alone are worth nothing, costs " + price + " more than that.");
        return CACHE;
    }

    private static long memory(Bench.Results results)
    {
        return results.memory().stream().filter(use -> use.way() == Way.CACHE).mapToLong(MemoryUse::perHundredThousand).findFirst()
            .orElse(0);
    }

    private static Optional<Measurement> find(Bench.Results results, Way way, String protocol)
    {
        return results.measurements().stream().filter(measurement -> measurement.way() == way && measurement.protocol().equals(protocol))
            .findFirst();
    }
}
