package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.util.Optional;

import io.github.tlsresumption.ticket.StableId;

/**
 * Keeps the keys of the sessions of mode {@code cache}.
 * <p>
 * An entry may be lost at any time: its session then needs a full handshake, no more. But an entry that was removed,
 * or whose deadline has passed, must never come back. Implementations are thread-safe and bounded, in memory and in
 * the time for which they block.
 */
public interface SessionKeyStore extends AutoCloseable
{
    /**
     * @param id the session's stable id
     * @param key its key, from now on the store's to destroy
     * @throws IOException when the store does not take it: the session must not get a ticket
     */
    void put(StableId id, SessionKey key) throws IOException;

    /**
     * @param id the session's stable id
     * @return its key, unless the session is over, forgotten or was never known
     * @throws IOException when the store does not answer
     */
    Optional<SessionKey> get(StableId id) throws IOException;

    /**
     * Forgets a session: its key is overwritten.
     *
     * @param id the session's stable id
     * @return whether it was there
     * @throws IOException when the store does not answer: the session may not have been forgotten
     */
    boolean remove(StableId id) throws IOException;

    /**
     * @return about how many sessions there are
     */
    long size();

    /**
     * Forgets all sessions of this process' memory.
     */
    @Override
    void close();
}
