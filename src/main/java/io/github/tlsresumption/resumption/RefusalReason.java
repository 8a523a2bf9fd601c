package io.github.tlsresumption.resumption;

import java.util.Locale;

/**
 * Why a session was not resumed, or could not get a ticket.
 */
public enum RefusalReason
{
    /** The session's deadline has passed, or it begins in the future. */
    EXPIRED("The session's deadline has passed. This is usual."),
    /** The session was forgotten; or its key is not in the store: evicted, or of a process that has ended. */
    FORGOTTEN("The session was forgotten, or its key is not in the cache: it was evicted, or its process has ended."),
    /** No key of the ring has the ticket's key id: not ours, or older than the ring. */
    UNKNOWN_KEY("The ticket's key is not in the ring: it is another server's, or it ended long ago. Many of them: the nodes do "
        + "not share their keys."),
    /** The ticket is not as it was sealed. */
    TAMPERED("The ticket is not as it was sealed."),
    /** The ticket belongs to a connector of another scope. */
    WRONG_SCOPE("The session was established on a connector of another scope."),
    /** The ClientHello names another host than the one for which the session was established. */
    WRONG_SNI("The session was established for another host, or without a host name."),
    /** The client-auth setting, the settings of validation or the server's certificate have changed since. */
    WRONG_CONTEXT("The client-auth setting, the settings of validation or the certificate of that host have changed since."),
    /** The ticket was sealed by another engine, or another release of it: for SunJSSE that is the release of the JDK. */
    OTHER_FORMAT("The ticket was sealed by another release of the JDK. This is usual after an update. Between JDK 17 or 21 and "
        + "JDK 25 it counts as tampered or unknown-key."),
    /**
     * The ticket was for a single use, and was used before, or is being used; or its session was forgotten; or whoever offers it does not
     * have the session's secret; or the store may not know any more that it was used.
     */
    REPLAYED("The ticket was for a single use, and was used before, is being used, or its session was forgotten; or whoever "
        + "offered it does not have the session's secret; or Redis has restarted or failed over since, and may not know "
        + "that it was used."),
    /** The client's certificate is not accepted any more: revoked, expired, or its issuer is not trusted. */
    CERTIFICATE("The client's certificate is no longer accepted: it is revoked or expired, or its issuer is not trusted."),
    /** The policy allows less now than it did. */
    POLICY("The mode or the duration has become stricter since."),
    /** A store did not answer. */
    STORE_UNAVAILABLE("The store of session keys did not answer. See the health of the stores."),
    /** No key of the ring is there to seal with: the client got a ticket that nobody can open. */
    NO_KEY("There is no ticket key to seal with. See the log about the key file or the store."),
    /** The state is too large for a ticket, as with long client certificate chains. */
    TOO_LARGE("The session is too large for a ticket: the client has a long certificate chain."),
    /** The client offered more tickets than are tried in one handshake. */
    TOO_MANY("The client offered more tickets than the four that are tried in one handshake. Browsers and OpenSSL offer one "
        + "or two."),
    /**
     * The client, of TLS 1.2, does not know the extension extended_master_secret, without which the JDK resumes no session (RFC 7627
     * section 5.3).
     */
    NO_EXTENDED_MASTER_SECRET("The client, of TLS 1.2, does not know the extension extended_master_secret, without which the "
        + "JDK resumes no session."),
    /** The client sent early data, with another server's ticket, which could not be left out: the connection is lost. */
    EARLY_DATA("The client sent early data (0-RTT), which only another server's ticket allows, and there was no way to leave "
        + "them out: this connection is lost.");

    private final String meaning;

    RefusalReason(String meaning)
    {
        this.meaning = meaning;
    }

    /**
     * The one text that explains a reason: the page and the command line show it, and the documents say the same.
     *
     * @return what has happened, in sentences for an operator
     */
    public String meaning()
    {
        return meaning;
    }

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
