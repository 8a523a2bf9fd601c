package io.github.tlsresumption.resumption;

import java.time.Instant;
import java.util.Optional;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.Ticket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the content of a new ticket, whatever it is put into. Confined to its handshake.
 */
final class TicketSealer
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);

    private final ConnectorContext connector;
    private final Refusals refusals;
    private final HandshakeSession session;

    TicketSealer(ConnectorContext connector, Refusals refusals, HandshakeSession session)
    {
        this.connector = connector;
        this.refusals = refusals;
        this.session = session;
    }

    /**
     * Puts a content into its form.
     */
    @FunctionalInterface
    interface Form
    {
        /**
         * @param key a key of the ring that seals now
         * @param nonce new
         * @param record of the session
         * @param payload the engine's, in mode {@code cache} sealed under the session's key
         * @return the bytes
         * @throws IllegalStateException when the key was destroyed
         */
        byte[] seal(TicketKey key, byte[] nonce, SessionRecord record, byte[] payload);
    }

    /**
     * @param state the engine's
     * @param most bytes that a state may have
     * @param stateFormat that the engine writes
     * @param origin where the engine has the session from
     * @param form of the result
     * @return the content in that form, or nothing when there is to be no ticket
     */
    Optional<byte[]> seal(byte[] state, int most, int stateFormat, SessionOrigin origin, Form form)
    {
        long start = System.nanoTime();
        boolean made = false;
        try
        {
            Optional<byte[]> content = content(state, most, stateFormat, origin, form);
            made = content.isPresent();
            return content;
        }
        finally
        {
            connector.statistics().sealed(System.nanoTime() - start, made);
        }
    }

    private Optional<byte[]> content(byte[] state, int most, int stateFormat, SessionOrigin origin, Form form)
    {
        Optional<HandshakeSession.Holder> holder = session.holder();
        if (holder.isEmpty())
        {
            return Optional.empty();
        }
        if (state.length > most)
        {
            connector.log().tooLarge(state.length, most);
            return refusals.refuse(RefusalReason.TOO_LARGE);
        }
        Instant now = connector.now();
        Optional<TicketKey> key = sealingKey(now);
        return key.isEmpty()
            ? Optional.empty()
            : session.toSeal(holder.get(), origin, stateFormat, now).flatMap(found -> content(key.get(), found, state, form));
    }

    /**
     * @return the key of the ring that seals, or nothing, refused
     */
    Optional<TicketKey> sealingKey(Instant now)
    {
        Optional<TicketKey> key = connector.ring().sealing(now);
        return key.isPresent() ? key : refusals.refuse(RefusalReason.NO_KEY);
    }

    private Optional<byte[]> content(TicketKey key, TicketSession found, byte[] state, Form form)
    {
        byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
        try
        {
            byte[] payload = found.key() == null ? state : Ticket.sealPayload(found.key().cipher(), nonce, found.record().id(), state);
            return Optional.of(form.seal(key, nonce, found.record(), payload));
        }
        catch (IllegalStateException e)
        {
            // A key was erased in this moment: the session was forgotten, or the ring dropped.
            LOG.debug("seal", e);
            return refusals.refuse(RefusalReason.FORGOTTEN);
        }
    }
}
