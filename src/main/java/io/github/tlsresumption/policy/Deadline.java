package io.github.tlsresumption.policy;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * Until when a session lasts: the one place that knows it. It counts from the full handshake, and nothing makes it later. Immutable.
 *
 * @param established when the full handshake was
 * @param end the first instant at which the session is over
 */
public record Deadline(Instant established, Instant end)
{
    /**
     * @param established when the full handshake was
     * @param terms the client's terms
     * @param certificates the client's certificate chain, its own first, whose end limits what was proven with it (RFC 8446 section
     * 4.6.1); empty without client authentication
     * @return the deadline of a session on those terms
     */
    public static Deadline of(Instant established, SessionTerms terms, List<X509Certificate> certificates)
    {
        Deadline deadline = new Deadline(established, established.plus(terms.maxDuration()));
        return certificates.isEmpty() ? deadline : deadline.noLaterThan(certificates.get(0).getNotAfter().toInstant());
    }

    /**
     * @param terms the client's terms now, which may be stricter than they were
     * @return this deadline, or the earlier one of those terms
     */
    public Deadline under(SessionTerms terms)
    {
        return noLaterThan(established.plus(terms.maxDuration()));
    }

    /**
     * @param limit a time
     * @return this deadline, or that time when it is earlier
     */
    public Deadline noLaterThan(Instant limit)
    {
        return limit.isBefore(end) ? new Deadline(established, limit) : this;
    }

    /**
     * @param now the time
     * @return whether the session is over; also when it would have been over before it began
     */
    public boolean isOver(Instant now)
    {
        return !now.isBefore(end) || !established.isBefore(end);
    }
}
