package io.github.tlsresumption.resumption;

import java.util.Locale;

/**
 * Why a session was not resumed, or could not get a ticket.
 */
public enum RefusalReason
{
    /** The session's deadline has passed, or it begins in the future. */
    EXPIRED,
    /** The session was forgotten; or its key is not in the store: evicted, or of a process that has ended. */
    FORGOTTEN,
    /** No key of the ring has the ticket's key id: not ours, or older than the ring. */
    UNKNOWN_KEY,
    /** The ticket is not as it was sealed. */
    TAMPERED,
    /** The ticket belongs to a connector of another scope. */
    WRONG_SCOPE,
    /** The ClientHello names another host than the one for which the session was established. */
    WRONG_SNI,
    /** The client-auth setting, the settings of validation or the server's certificate have changed since. */
    WRONG_CONTEXT,
    /** The ticket was sealed by another engine, or another release of it: for SunJSSE that is the release of the JDK. */
    OTHER_FORMAT,
    /**
     * The ticket was for a single use, and was used before, or is being used; or its session was forgotten; or whoever offers it does not
     * have the session's secret; or the store may not know any more that it was used.
     */
    REPLAYED,
    /** The client's certificate is not accepted any more: revoked, expired, or its issuer is not trusted. */
    CERTIFICATE,
    /** The policy allows less now than it did. */
    POLICY,
    /** A store did not answer. */
    STORE_UNAVAILABLE,
    /** No key of the ring is there to seal with: the client got a ticket that nobody can open. */
    NO_KEY,
    /** The state is too large for a ticket, as with long client certificate chains. */
    TOO_LARGE,
    /** The client offered more tickets than are tried in one handshake. */
    TOO_MANY,
    /**
     * The client, of TLS 1.2, does not know the extension extended_master_secret, without which the JDK resumes no session (RFC 7627
     * section 5.3).
     */
    NO_EXTENDED_MASTER_SECRET,
    /** The client sent early data, with another server's ticket, which could not be left out: the connection is lost. */
    EARLY_DATA;

    /**
     * @return whether it is met in the best of servers, and so is no news
     */
    boolean isCommon()
    {
        return this == EXPIRED || this == FORGOTTEN || this == REPLAYED;
    }

    /**
     * @return the name as metrics show it, such as {@code unknown-key}
     */
    @Override
    public String toString()
    {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
