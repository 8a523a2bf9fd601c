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
 * @param resumes whether a session was resumed
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
record Examination(Variant variant, boolean supported, Optional<String> failure, String suite, boolean resumes, Optional<String> how,
    List<Integer> ticketBytes, Optional<Long> lifetimeHint, boolean renewed, boolean reusable, Trial noHost, Trial otherHost,
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
        return new Examination(variant, supported, Optional.of(failure), null, false, Optional.empty(), List.of(), Optional.empty(),
            false, false, Trial.NOT_TRIED, Trial.NOT_TRIED, Trial.NOT_TRIED, false, Optional.empty());
    }

    Examination aged(Aging aging)
    {
        return new Examination(variant, supported, failure, suite, resumes, how, ticketBytes, lifetimeHint, renewed, reusable, noHost,
            otherHost, tampered, clientCertificate, Optional.of(aging));
    }

    /**
     * @return whether the newest ticket can be no more than the name of a session that the server keeps
     */
    boolean isName()
    {
        return !ticketBytes.isEmpty() && ticketBytes.get(ticketBytes.size() - 1) < LEAST_SEALED;
    }

    JsonObject json()
    {
        JsonObject json = new JsonObject().with("protocol", variant.protocol().toString()).with("tickets", variant.tickets())
            .with("supported", supported).with("failure", failure);
        return failure.isPresent() ? json : json.with("suite", suite).with("resumes", resumes).with("how", how)
            .with("ticketBytes", ticketBytes).with("lifetimeHint", lifetimeHint)
            .with("ticketKind", ticketBytes.isEmpty() ? null : isName() ? "name" : "sealed")
            .with("renewed", renewed).with("reusable", reusable).with("noHost", noHost.toString())
            .with("otherHost", otherHost.toString()).with("tampered", tampered.toString())
            .with("clientCertificate", clientCertificate).with("duration", duration.map(Aging::json));
    }

    /**
     * @return the same in one line of prose
     */
    String sentence()
    {
        if (failure.isPresent())
        {
            return supported ? "no handshake: " + failure.get() : "not spoken here";
        }
        StringBuilder text = new StringBuilder(resumes ? "resumes by " + how.orElseThrow() : "does NOT resume");
        if (!ticketBytes.isEmpty())
        {
            text.append("; tickets of ").append(ticketBytes).append(" bytes");
        }
        lifetimeHint.ifPresent(seconds -> text.append(", lifetime ").append(seconds).append(" s"));
        if (resumes)
        {
            text.append(renewed ? ", renewed each time" : ", not renewed").append(reusable ? "" : ", good for one use");
        }
        duration.ifPresent(aging -> text.append("; after ").append(aging.seconds()).append(" s: first one ").append(aging.originalAfter())
            .append(", renewed one ").append(aging.renewedAfter()));
        return text.toString();
    }
}
