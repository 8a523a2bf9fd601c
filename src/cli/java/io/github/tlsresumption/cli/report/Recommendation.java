package io.github.tlsresumption.cli.report;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What to set, and why; or that the measurement does not tell. A pure function of what was measured.
 *
 * @param modes what to set; empty when the measurement is inconclusive
 * @param answer one paragraph
 * @param reasons sentences; of an inconclusive measurement those of the answer that say why
 */
public record Recommendation(Optional<Modes> modes, String answer, List<String> reasons)
{
    /** Below this share of a full handshake's time nothing is worth a risk. */
    private static final double WORTH = 0.10;
    private static final double NOISE = 0.02;

    private static final String OFF = "off";
    private static final String TICKET = "ticket";
    private static final String CACHE = "cache";

    /**
     * The settings.
     *
     * @param mode for TLS 1.3
     * @param tls12Mode for TLS 1.2
     */
    public record Modes(String mode, String tls12Mode)
    {
        boolean isFor(Way way, String protocol)
        {
            return way.toString().equals(protocol.equals("TLSv1.3") ? mode : tls12Mode);
        }
    }

    /**
     * What follows for one version of TLS.
     *
     * @param mode the mode; without a meaning where there is a doubt
     * @param sentence for the answer
     * @param reason in detail
     * @param doubt why nothing follows
     */
    private record Judgement(String mode, String sentence, String reason, Optional<Doubt> doubt)
    {
        static Judgement doubtful(Doubt doubt)
        {
            return new Judgement("", "", "", Optional.of(doubt));
        }
    }

    /**
     * @param results what was measured
     * @param environment for what
     * @return the recommendation
     */
    public static Recommendation of(Bench.Results results, Environment environment)
    {
        Map<String, Judgement> judgements = new LinkedHashMap<>();
        Bench.PROTOCOLS.forEach(protocol -> judgements.put(protocol, judge(results, environment, protocol)));
        if (!results.quiet() || judgements.values().stream().anyMatch(judgement -> judgement.doubt().isPresent()))
        {
            return inconclusive(results, environment, judgements);
        }
        List<String> modes = judgements.values().stream().map(Judgement::mode).toList();
        String verdict = modes.stream().allMatch(OFF::equals) ? "No" : modes.contains(OFF) ? "In part" : "Yes";
        String answer = verdict + ": " + judgements.entrySet().stream()
            .map(entry -> "mode " + entry.getValue().mode() + " for " + spoken(entry.getKey())).collect(Collectors.joining(", ")) + ". "
            + judgements.values().stream().map(Judgement::sentence).collect(Collectors.joining(" "));
        List<String> reasons = new ArrayList<>();
        judgements.forEach((protocol, judgement) -> reasons.add(spoken(protocol) + ": " + judgement.reason()));
        for (String protocol : Bench.PROTOCOLS)
        {
            results.find(Way.STOCK_TICKET, protocol).filter(stock -> stock.nanos().length > 0 && stock.resumed() == 0).ifPresent(stock ->
                reasons.add(spoken(protocol) + ": stock Jetty resumes no session by ticket with this key store."));
        }
        return new Recommendation(Optional.of(new Modes(modes.get(0), modes.get(1))), answer, reasons);
    }

    private static Recommendation inconclusive(Bench.Results results, Environment environment, Map<String, Judgement> judgements)
    {
        Set<Doubt.Remedy> remedies = EnumSet.noneOf(Doubt.Remedy.class);
        List<String> reasons = new ArrayList<>();
        if (!results.quiet())
        {
            remedies.add(Doubt.Remedy.MEASURE_AGAIN);
            reasons.add("The warm-up did not settle: the JIT compilers were not at rest before the measurement, so the times are not those "
                + "of a server that has run for a while.");
        }
        Map<String, List<String>> protocols = new LinkedHashMap<>();
        judgements.forEach((protocol, judgement) -> judgement.doubt().ifPresent(doubt ->
        {
            remedies.add(doubt.remedy());
            protocols.computeIfAbsent(doubt.why(), why -> new ArrayList<>()).add(spoken(protocol));
        }));
        protocols.forEach((why, which) -> reasons.add(String.join(" and ", which) + ": " + why + "."));
        String fixes = remedies.stream().map(remedy -> remedy.words(environment.quick())).collect(Collectors.joining(" "));
        return new Recommendation(Optional.empty(), "Inconclusive: no settings are recommended. " + String.join(" ", reasons) + " "
            + fixes, reasons);
    }

    private static Judgement judge(Bench.Results results, Environment environment, String protocol)
    {
        Comparison ticket = Comparison.of(results, Way.TICKET, protocol);
        Comparison cache = Comparison.of(results, Way.CACHE, protocol);
        if (resumesNothing(results, ticket) && resumesNothing(results, cache))
        {
            return new Judgement(OFF, "With " + spoken(protocol) + " no session was resumed here.", OFF
                + ", since no session was resumed here.", Optional.empty());
        }
        boolean cached = protocol.equals("TLSv1.2") || environment.clientCertificates();
        Comparison chosen = cached ? cache : ticket;
        Comparison other = cached ? ticket : cache;
        if (chosen.doubt().isPresent())
        {
            return Judgement.doubtful(chosen.doubt().get());
        }
        // The other mode need not save anything, but where it fails or costs more than a full handshake, something is wrong.
        if (results.find(other.way(), protocol).filter(measurement -> measurement.resumes() && measurement.hasTime()
            && measurement.rounds().length >= Comparison.LEAST_ROUNDS).isEmpty() || other.interval().orElseThrow().high() < 0)
        {
            return Judgement.doubtful(other.doubt().orElseThrow());
        }
        Interval gain = chosen.interval().orElseThrow();
        if (gain.low() < WORTH && gain.high() >= WORTH)
        {
            return Judgement.doubtful(new Doubt(String.format(Locale.ROOT, "a resumption in %s saves between %s of processor time, and "
                + "%.0f %% is the least that is worth a risk", chosen.way().inWords(), chosen.bounds().replace(" to ", " and "),
                100 * WORTH), Doubt.Remedy.MEASURE_AGAIN));
        }
        return gain.high() < WORTH ? off(results, chosen) : on(results, environment, chosen);
    }

    private static boolean resumesNothing(Bench.Results results, Comparison comparison)
    {
        return results.find(Way.FULL, comparison.protocol()).filter(Measurement::isAsExpected).isPresent()
            && results.find(comparison.way(), comparison.protocol())
                .filter(measurement -> measurement.rounds().length >= Comparison.LEAST_ROUNDS && measurement.resumed() == 0).isPresent();
    }

    private static Judgement off(Bench.Results results, Comparison chosen)
    {
        return new Judgement(OFF, "With " + spoken(chosen.protocol()) + " a resumption saves only " + share(chosen)
            + " of the server's processor time of a handshake.", OFF + ". A resumption saves " + saved(results, chosen)
            + ", too little to keep keys or sessions for it, unless round trips or the clients' processors count.", Optional.empty());
    }

    private static Judgement on(Bench.Results results, Environment environment, Comparison chosen)
    {
        String protocol = chosen.protocol();
        Risk risk = Risk.of(chosen.way(), protocol, environment);
        String sentence = "With " + spoken(protocol) + " a resumption saves " + share(chosen)
            + " of the server's processor time of a handshake; ";
        if (chosen.way() == Way.TICKET)
        {
            return new Judgement(TICKET, sentence + "a thief " + risk.theft() + ", and the key lives for " + risk.time() + ".",
                TICKET + ". A resumption saves " + saved(results, chosen)
                + ". A stolen ticket key opens no recorded traffic, and lives for " + risk.time() + ". Mode cache, where it is worth "
                + "nothing, costs " + price(results, protocol) + ", and loses its sessions with the process unless nodes share a store.",
                Optional.empty());
        }
        return new Judgement(CACHE, sentence + "ticket keys alone are worth nothing to a thief, and a session's key lives in the server's "
            + "memory for " + risk.time() + ".", CACHE + ". A resumption saves " + saved(results, chosen) + ". "
            + (protocol.equals("TLSv1.2") ? "With mode ticket a stolen ticket key would open recorded traffic, for ever"
                : "With mode ticket a thief of a ticket key could pose as clients that have proved who they are by a certificate")
            + ". Compared with it, mode cache, whose ticket keys alone are worth nothing, costs " + price(results, protocol) + ".",
            Optional.empty());
    }

    private static String share(Comparison comparison)
    {
        return comparison.percent() + " (95 % interval: " + comparison.bounds() + ")";
    }

    private static String saved(Bench.Results results, Comparison chosen)
    {
        long full = results.find(Way.FULL, chosen.protocol()).orElseThrow().median();
        long resumed = results.find(chosen.way(), chosen.protocol()).orElseThrow().median();
        return String.format(Locale.ROOT, "%.2f ms of %.2f ms of the server's processor, %s", (full - resumed) / 1e6, full / 1e6,
            share(chosen));
    }

    /**
     * @return what mode cache costs compared with mode ticket
     */
    private static String price(Bench.Results results, String protocol)
    {
        Measurement ticket = results.find(Way.TICKET, protocol).orElseThrow();
        Measurement cache = results.find(Way.CACHE, protocol).orElseThrow();
        double difference = cache.median() - ticket.median();
        boolean isTold = !ticket.interval().orElseThrow().overlaps(cache.interval().orElseThrow())
            && Math.abs(difference) > NOISE * results.find(Way.FULL, protocol).orElseThrow().median();
        String time = isTold ? String.format(Locale.ROOT, "%.2f ms %s", Math.abs(difference) / 1e6, difference > 0 ? "more" : "less")
            : "no measurable time more";
        return time + " and " + memory(results);
    }

    private static String memory(Bench.Results results)
    {
        Optional<MemoryUse> ticket = results.memory(Way.TICKET).filter(MemoryUse::isSure);
        Optional<MemoryUse> cache = results.memory(Way.CACHE).filter(MemoryUse::isSure);
        if (ticket.isEmpty() || cache.isEmpty())
        {
            return "memory that was not measured";
        }
        if (cache.get().interval().overlaps(ticket.get().interval()))
        {
            return "no measurable memory more";
        }
        long difference = cache.get().perHundredThousand() - ticket.get().perHundredThousand();
        return String.format(Locale.ROOT, "%.0f MB %s for each 100\u00a0000 sessions", Math.abs(difference) / 1e6,
            difference > 0 ? "more" : "less");
    }

    static String spoken(String protocol)
    {
        return protocol.replace("TLSv", "TLS ");
    }
}
