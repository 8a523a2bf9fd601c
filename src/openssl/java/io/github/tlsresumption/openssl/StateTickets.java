package io.github.tlsresumption.openssl;

import java.util.Optional;

/**
 * Protects the session states that go into tickets (RFC 5077 section 4, RFC 8446 section 4.6.1). Confined to its connection. What a method
 * throws is a refusal.
 */
public interface StateTickets
{
    /**
     * @return by how many bytes a ticket may be longer than its state
     */
    int overheadBytes();

    /**
     * @param state the session's state; not to be changed
     * @return its ticket; or empty for one that nobody can open, which the client gets in its place, since it must get one
     */
    Optional<byte[]> seal(byte[] state);

    /**
     * Asked once for each ticket.
     *
     * @param ticket what {@link #seal} returned, or anything else that a client may send
     * @return the answer; a {@link Opening.Deferred} one puts it off to a delegated task
     */
    Opening open(byte[] ticket);
}
