package io.github.tlsresumption.engine;

import java.util.Optional;

import io.github.tlsresumption.ticket.Protocol;

/**
 * The tickets of one handshake, and the decisions about its session. Confined to its handshake.
 */
public interface Tickets
{
    /**
     * @return the tickets of an engine that gives its states away
     */
    StateTickets states();

    /**
     * @return the tickets of an engine that asks for keys only
     */
    KeyTickets keys();

    /**
     * To be asked for each ticket that is offered, before it is opened; that there are too many is a refusal, and counted as one.
     *
     * @param offered how many there were in this handshake, this one included, whether or not they were opened
     * @return whether nothing more is opened, whatever it is: the engine may pass it over
     */
    boolean isExhausted(int offered);

    /**
     * To be asked in TLS 1.2, where a client keeps the ticket that it has offered (RFC 5077 section 3.3), once the engine has
     * chosen to resume the session of a ticket.
     *
     * @param resumed the ticket whose session it resumes
     * @return whether the client needs a new ticket, as the one that was opened does not open for the rest of the session's life
     */
    boolean renews(OpenedTicket resumed);

    /**
     * @param protocol the negotiated protocol, empty for one without a name here
     * @return whether a session of this handshake may ever be resumed; if not, the engine shall issue no ticket
     * and keep nothing in a cache of its own
     */
    boolean resumable(Optional<Protocol> protocol);

    /**
     * Says that a session of the engine's own session-id cache is about to be asked for by its id.
     *
     * @param cached that session
     * @return whether it may be resumed
     */
    boolean resumableById(CachedSession cached);

    /**
     * Says that a handshake is complete that resumed a session, so that its client has the session's secret. To be called before
     * {@link #finished}.
     *
     * @return whether the ticket was this handshake's to use; if not, another one has used it meanwhile, and the engine must end the
     * connection
     */
    boolean proven();

    /**
     * Says that the client sends early data (RFC 8446 section 4.2.10), as it may with another server's ticket, which the engine can
     * neither read nor leave out: the connection is lost.
     */
    void earlyData();

    /**
     * Says that the handshake has resumed nothing, or will not be complete. What was held for it is free again.
     */
    void abandoned();

    /**
     * Says that the handshake is complete.
     *
     * @param origin where its session comes from
     * @param cachedId the id under which the engine's own cache has the session; empty when it does not keep it
     * @return what is now known of the session
     */
    TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId);

    /**
     * Says that one more handshake of a connection whose first is complete has established a session, which is not resumed.
     *
     * @return what is known of that session
     */
    TlsSession renegotiated();
}
