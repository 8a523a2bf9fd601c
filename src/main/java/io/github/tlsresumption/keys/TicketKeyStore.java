package io.github.tlsresumption.keys;

import java.time.Duration;
import java.util.Optional;

/**
 * Keeps one ticket key ring, for one process or for all processes that share its keys.
 *
 * <p><b>What may be lost.</b> Everything: a store that has forgotten its ring says that it is empty, and is given the
 * ring again by a manager that still has it, or a fresh one, which costs each client one full handshake.
 *
 * <p><b>What must hold.</b>
 * <ul>
 * <li>{@link #compareAndSet} is atomic among all that use the store: of two calls that expect the same version
 *     at most one returns true. Say node A and node B both see version 7 and both make a version 8, with different keys.
 *     Were both told true, A would seal with a key that B has never seen, and each client that goes from A to B would
 *     pay with a full handshake until the next rotation.
 * <li>When it has returned true, every later {@link #load}, by whatever process, gives that ring or a later one.
 *     A store that answers reads from a copy that lags behind does not do.
 * <li>{@link #load} gives a ring as it was set, whole. A store that finds anything else throws, and keeps what it found:
 *     it never mends it by overwriting, an operator may still need it.
 * <li>A ring that was replaced is erased as far as the medium allows, in backups and histories too.
 * <li>No secret appears in a message, a log or {@link #describe}.
 * </ul>
 *
 * <p><b>Who destroys keys.</b> A ring from {@link #load} belongs to the caller, who destroys its keys. A ring given to
 * {@link #compareAndSet} stays the caller's: the store copies what it needs.
 *
 * <p>What a store is like has defaults, which are those of a store that outlives this process.
 *
 * <p>Safe for use by many threads. A call may block for seconds, so none is made during a handshake.
 */
public interface TicketKeyStore extends AutoCloseable
{
    /**
     * How often to look at a store unless it says otherwise.
     */
    Duration POLL_INTERVAL = Duration.ofSeconds(1);

    /**
     * @return the ring in the store; nothing when the store is empty
     * @throws TicketKeyStoreException when it cannot be read, or must not be used
     */
    Optional<TicketKeyRing> load() throws TicketKeyStoreException;

    /**
     * Puts a ring in the store if the version there is the expected one.
     *
     * @param expectedVersion of the ring to replace; 0 when the store must be empty
     * @param ring the new ring, of a higher version
     * @return whether the ring is now safely in the store; false when another version is there, which is left as it is
     * @throws TicketKeyStoreException when it could not be done, or when it is not known whether it was
     * @throws IllegalArgumentException when the ring's version is not higher than the expected one
     */
    boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException;

    /**
     * A cheap look whether anything changed.
     *
     * @return an opaque text that differs from the last one when the ring was replaced since, be it by an operator
     * @throws TicketKeyStoreException when the store cannot be asked
     */
    String stamp() throws TicketKeyStoreException;

    /**
     * @return how often to ask for the {@link #stamp}
     */
    default Duration pollInterval()
    {
        return POLL_INTERVAL;
    }

    /**
     * @return for how long an empty store must have been empty before a manager without a ring makes the first one: a manager that
     *     has a ring needs that time to write it back. Nothing for a store that does not lose its ring by itself
     */
    default Duration settling()
    {
        return Duration.ZERO;
    }

    /**
     * Asks for a notice when the ring was replaced, where the store has notices. One may get lost, so the {@link #stamp} is to be
     * asked for all the same.
     *
     * @param news is run by a thread of the store's, until it is closed; it must be quick
     */
    default void listen(Runnable news)
    {
        // No notices.
    }

    /**
     * @return whether a manager rotates the ring. Otherwise somebody else does, and {@link #compareAndSet} always throws
     */
    default boolean writable()
    {
        return true;
    }

    /**
     * @return whether other processes may use the same store
     */
    default boolean shared()
    {
        return true;
    }

    /**
     * @return whether the ring outlives the process
     */
    default boolean persistent()
    {
        return true;
    }

    /**
     * @return what and where the store is, for logs: no keys, no passwords
     */
    String describe();

    /**
     * Lets go of connections and of secrets in memory. The store's contents stay unless they are in memory only.
     */
    @Override
    void close();
}
