package io.github.tlsresumption.cli;

import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.json.JsonObject;

/**
 * What was seen of a node in one variant.
 *
 * @param variant the client
 * @param supported whether the server speaks that version
 * @param failure why there was no handshake, if there was none
 * @param suite the cipher suite
 * @param tries how often a session was offered, and how often resumed
 * @param how by what: {@code ticket}, {@code session-id}, {@code psk}
 * @param ticketBytes the lengths of the tickets of a full handshake, in their order
 * @param lifetimeHint of the newest ticket, in seconds
 * @param renewed whether a resumption brought a new ticket
 * @param reusable whether a ticket or id was taken twice
 * @param noHost a session of a host offered without naming a host
 * @param otherHost a session offered for another host
 * @param tampered a ticket with a bit changed
 * @param clientCertificate whether the server asks for one
 * @param duration what became of the session in time, when that was looked at
 */
record Examination(Variant variant, boolean supported, Optional<String> failure, String suite, Tries tries, Optional<String> how,
    List<Integer> ticketBytes, Optional<Long> lifetimeHint, boolean renewed, boolean reusable, HostTrial noHost, HostTrial otherHost,
    Trial tampered, boolean clientCertificate, Optional<Aging> duration)
{
    /** No session fits in a shorter ticket: its key alone has 32 bytes or more, and a seal has a nonce and a tag. */
    private static final int LEAST_SEALED = 60;

    /**
     * What became of a session that was offered.
     */
    enum Trial
    {
        RESUMED("resumed"), FULL("full"), FAILED("failed"), NOT_TRIED("not tried");

        private final String name;

        Trial(String name)
        {
            this.name = name;
        }

        @Override
        public String toString()
        {
            return name;
        }
    }

    /**
     * What a client without a session meets.
     */
    enum Demand
    {
        /** The server may still do without, or refuse the request. */
        CERTIFICATE("is asked for a certificate"),
        /** There is no connection. */
        REFUSED("is turned away");

        private final String words;

        Demand(String words)
        {
            this.words = words;
        }

        @Override
        public String toString()
        {
            return words;
        }
    }

    /**
     * What became of a session that was offered for another host than its own.
     *
     * @param result of it
     * @param demand what a client without a session meets there and one with it is spared, if anything
     */
    record HostTrial(Trial result, Optional<Demand> demand)
    {
        static final HostTrial NONE = new HostTrial(Trial.NOT_TRIED, Optional.empty());
    }

    /**
     * A session offered in the course of time.
     *
     * @param seconds the duration that was asked about
     * @param resumedWithin whether it was resumed at half of that
     * @param originalAfter what became of the first ticket or id beyond it
     * @param renewedAfter what became of the one from the resumption, beyond it
     */
    record Aging(long seconds, boolean resumedWithin, Trial originalAfter, Trial renewedAfter)
    {
        JsonObject json()
        {
            return new JsonObject().with("seconds", seconds).with("resumedWithin", resumedWithin)
                .with("originalAfter", originalAfter.toString()).with("renewedAfter", renewedAfter.toString());
        }
    }

    static Examination without(Variant variant, boolean supported, String failure)
    {
        return new Examination(variant, supported, Optional.of(failure), null, new Tries(0, 0, false), Optional.empty(), List.of(),
            Optional.empty(), false, false, HostTrial.NONE, HostTrial.NONE, Trial.NOT_TRIED, false, Optional.empty());
    }

    Examination aged(Aging aging)
    {
        return new Examination(variant, supported, failure, suite, tries, how, ticketBytes, lifetimeHint, renewed, reusable, noHost,
            otherHost, tampered, clientCertificate, Optional.of(aging));
    }

    boolean resumes()
    {
        return tries.resumes();
    }

    /**
     * @return whether the newest ticket can be no more than the name of a session that the server keeps
     */
    boolean isName()
    {
        return newest().filter(Examination::isName).isPresent();
    }

    static boolean isName(int bytes)
    {
        return bytes < LEAST_SEALED;
    }

    /**
     * @return whether the server gives something that looks as if a session were in it
     */
    boolean isSealed()
    {
        return newest().filter(bytes -> !isName(bytes)).isPresent();
    }

    /*
     * An empty one is none (RFC 5077 section 3.3).
     */
    private Optional<Integer> newest()
    {
        return ticketBytes.isEmpty() ? Optional.empty() : Optional.of(ticketBytes.get(ticketBytes.size() - 1)).filter(bytes -> bytes > 0);
    }

    JsonObject json(Resumption resumption)
    {
        JsonObject json = new JsonObject().with("protocol", variant.protocol().toString()).with("tickets", variant.tickets())
            .with("supported", supported).with("failure", failure);
        return failure.isPresent() ? json : json.with("suite", suite).with("resumes", resumes())
            .with("resumption", resumption.toString()).with("tries", tries.json()).with("how", how)
            .with("ticketBytes", ticketBytes).with("lifetimeHint", lifetimeHint)
            .with("ticketKind", isName() ? "name" : isSealed() ? "sealed" : null)
            .with("renewed", renewed).with("reusable", reusable).with("noHost", noHost.result().toString())
            .with("noHostDemand", noHost.demand().map(Demand::toString)).with("otherHost", otherHost.result().toString())
            .with("otherHostDemand", otherHost.demand().map(Demand::toString)).with("tampered", tampered.toString())
            .with("clientCertificate", clientCertificate).with("duration", duration.map(Aging::json));
    }

    private String verdict(Resumption resumption)
    {
        return switch (resumption)
        {
            case ON, COLD -> "resumes by " + how.orElseThrow();
            case UNSTEADY -> "resumes by " + how.orElseThrow() + " in " + tries.resumed() + " of " + tries.made() + " tries";
            case OFF -> "off";
            case BROKEN -> "does NOT resume";
        };
    }

    /**
     * @param resumption of this variant
     * @return what does not change from one examination to the next while the server stays as it is
     */
    String fact(Resumption resumption)
    {
        // The first session after a start is not resumed, which is soon over; and the sizes of tickets vary.
        return failure.orElseGet(() -> verdict(resumption) + lifetimeHint.map(seconds -> ", lifetime " + seconds + " s").orElse("")
            + (resumes() ? ", no host: " + noHost.result() + ", other host: " + otherHost.result() + ", tampered: " + tampered : ""));
    }

    /**
     * @param resumption of this variant
     * @return the same in one line of prose
     */
    String sentence(Resumption resumption)
    {
        if (failure.isPresent())
        {
            return supported ? "no handshake: " + failure.get() : "not spoken here";
        }
        StringBuilder text = new StringBuilder(verdict(resumption));
        if (!ticketBytes.isEmpty() && resumption != Resumption.OFF)
        {
            text.append("; tickets of ").append(ticketBytes).append(" bytes");
            lifetimeHint.ifPresent(seconds -> text.append(", lifetime ").append(seconds).append(" s"));
        }
        if (resumes())
        {
            text.append(renewed ? ", renewed each time" : ", not renewed").append(reusable ? "" : ", good for one use");
        }
        duration.ifPresent(aging -> text.append("; after ").append(aging.seconds()).append(" s: first one ").append(aging.originalAfter())
            .append(", renewed one ").append(aging.renewedAfter()));
        return text.toString();
    }
}
