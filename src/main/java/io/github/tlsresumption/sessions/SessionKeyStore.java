package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

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
     * @param key a session's first key, from now on the store's to destroy
     * @throws IOException when the store does not take it: the session must not get a ticket
     */
    void put(SessionKey key) throws IOException;

    /**
     * Puts a key in the place of another one of the same session, which is overwritten: the ticket that needed it is good no more.
     * Of several who try at once one succeeds.
     *
     * @param key what {@link #get} gave
     * @param next the key to come, from now on the store's to destroy, if it is taken
     * @return whether {@code key} was there still, so that {@code next} is now
     * @throws IOException when the store does not answer: both may be gone
     */
    boolean replace(SessionKey key, SessionKey next) throws IOException;

    /**
     * How long a reservation holds at the most: longer than an honest client takes to prove what it has, and so short that whoever holds
     * handshakes open does not keep the session from its client.
     */
    Duration RESERVATION = Duration.ofSeconds(2);

    /**
     * Holds a key for one handshake, until that {@linkplain #commit commits} or {@linkplain #release releases} it, and no longer than
     * {@link #RESERVATION}. Of several who try at once one succeeds. A store that does not know reservations gives one to everybody; then
     * the first to commit is the one.
     *
     * @param key what {@link #get} gave
     * @param holder names the handshake; random
     * @return whether {@code key} was there still, and held by nobody
     * @throws IOException when the store does not answer
     */
    default boolean reserve(SessionKey key, long holder) throws IOException
    {
        return true;
    }

    /**
     * Does as {@link #replace}, unless another handshake holds the key: a reservation that has ended is good as long as nobody else
     * makes one.
     *
     * @param key what was reserved
     * @param next the key to come, from now on the store's to destroy, if it is taken
     * @param holder as for {@link #reserve}
     * @return whether {@code next} is now
     * @throws IOException when the store does not answer: both may be gone
     */
    default boolean commit(SessionKey key, SessionKey next, long holder) throws IOException
    {
        return replace(key, next);
    }

    /**
     * Ends a reservation, if it is there.
     *
     * @param key what was reserved
     * @param holder as for {@link #reserve}
     * @throws IOException when the store does not answer: it ends by itself
     */
    default void release(SessionKey key, long holder) throws IOException
    {
    }

    /**
     * @param id the session's stable id
     * @return its key, unless the session is over, forgotten or was never known
     * @throws IOException when the store does not answer
     */
    Optional<SessionKey> get(StableId id) throws IOException;

    /**
     * Overwrites and removes the keys of sessions that have been forgotten.
     *
     * @param forgotten tells them
     * @return how many there were
     * @throws IOException when the store does not answer: some may be left, and are to be refused otherwise
     */
    long removeIf(Predicate<SessionKey> forgotten) throws IOException;

    /**
     * Does as {@link #removeIf(Predicate)} where it is known whom it concerns, which a store with an index does without looking at
     * all sessions.
     *
     * @param forgotten tells the sessions
     * @param subjects only sessions with one of them as their {@linkplain StableId#number own number} or as their client can be
     * concerned
     * @return how many there were
     * @throws IOException when the store does not answer: some may be left, and are to be refused otherwise
     */
    default long removeIf(Predicate<SessionKey> forgotten, Set<Long> subjects) throws IOException
    {
        return removeIf(forgotten);
    }

    /**
     * Does in advance what would make a handshake wait: makes connections, replaces those that have ended, and runs each kind of call
     * once. To be called before the first handshake, then every second or so, by one thread. It may take seconds; no handshake waits
     * for it.
     *
     * @throws IOException when the store does not answer, or not in the time for which a handshake waits
     */
    default void warm() throws IOException
    {
    }

    /**
     * @return whether other processes use the same store: then whoever forgets a session removes its key for all
     */
    default boolean shared()
    {
        return false;
    }

    /**
     * @return about how many sessions there are
     */
    long size();

    /**
     * @param rule the name of a rule, empty for none
     * @return about how many sessions got their terms by it; nothing where only a look at all sessions would tell
     */
    default OptionalLong size(String rule)
    {
        return OptionalLong.empty();
    }

    /**
     * Forgets all sessions of this process' memory.
     */
    @Override
    void close();
}
