package io.github.tlsresumption.cluster;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.sessions.SessionKeyStore;

/**
 * What the nodes of a cluster share, on one backend: the ticket keys, who has been forgotten, and the session keys of mode
 * {@code cache}. Whoever reads the backend, or a backup of it, has nothing: ticket keys are in it under the cluster's passphrase,
 * session keys under the ticket keys, clients as keyed hashes. Thread-safe.
 */
public interface SharedStores extends AutoCloseable
{
    /**
     * @return the store of the ticket keys
     */
    TicketKeyStore ticketKeyStore();

    /**
     * @param longest how long a session can live at the most
     * @param clockSkew how far the nodes' clocks may be apart
     * @param clock this node's time
     * @return the log of the forgotten
     */
    ForgetLog forgetLog(Duration longest, Duration clockSkew, Clock clock);

    /**
     * @param ring gives the key ring in force
     * @param clock the time
     * @return the store of the session keys
     */
    SessionKeyStore sessionKeyStore(Supplier<TicketKeyRing> ring, Clock clock);

    /**
     * @return the backend's time, by which nodes see how far their clocks are apart
     * @throws IOException when the backend does not answer
     */
    Instant time() throws IOException;

    /**
     * Tells the other nodes how this one's clock is, and learns how theirs are. What a node has told is forgotten after
     * {@link ClockWatch#TOLD_FOR}, by the backend's time.
     *
     * @param node names this node, the same after a restart
     * @param offset by how much its clock is ahead of the backend's
     * @return the offsets of all nodes, this one's among them
     * @throws IOException when the backend does not answer, or keeps no offsets
     */
    default List<Duration> offsets(String node, Duration offset) throws IOException
    {
        return List.of(offset);
    }

    /**
     * Asks once, before the start, whether the backend lets this node in. A backend that does not answer is no obstacle: a node starts
     * without it.
     *
     * @param ring whether it is to keep the ticket keys too
     * @throws TicketKeyStoreException when an operator must do something first: a wrong password, rights that are missing
     * @throws IllegalStateException when it is not set up for the ticket keys
     */
    default void requireAccess(boolean ring) throws TicketKeyStoreException
    {
        // Nothing is known to be asked.
    }

    /**
     * @return more of the same, for a second scope of this server: on the same backend, with the same settings, and used and closed
     * apart; empty when there are none to be had
     */
    default Optional<SharedStores> again()
    {
        return Optional.empty();
    }

    /**
     * @return the name of the setting that says where the backend is, for messages
     */
    default String setting()
    {
        return "setSharedStores";
    }

    /**
     * @return what and where the backend is, for logs: no passwords
     */
    String describe();

    /**
     * Lets go of connections. What is stored stays.
     */
    @Override
    void close();
}
