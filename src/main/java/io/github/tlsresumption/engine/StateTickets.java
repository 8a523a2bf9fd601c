package io.github.tlsresumption.engine;

import java.util.Optional;

/**
 * Tickets for an engine that gives its session state away, as bytes: SunJSSE, and libraries of the BoringSSL family. What a client
 * carries is ours, byte for byte. Confined to its handshake.
 */
public interface StateTickets
{
    /**
     * Opens a ticket that the client offers.
     *
     * @param ticket the ticket as {@link #seal} returned it, or anything else that a client may send
     * @param associatedData what must be the same as at {@link #seal}
     * @param stateFormat the 23-bit mark of the format that the engine reads
     * @return the ticket, opened; of the same ticket offered again the same handle. Or empty: then the engine must do a full handshake
     */
    Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat);

    /**
     * Seals a state into a new ticket.
     *
     * @param state the session state as the engine writes it
     * @param associatedData what must be the same when the ticket is opened
     * @param stateFormat the 23-bit mark of the format that the engine writes
     * @param origin where the session comes from
     * @return the ticket, longer than the state; or empty when there must be none that can be opened
     */
    Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin);
}
