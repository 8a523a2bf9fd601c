package io.github.tlsresumption.resumption;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.StateTickets;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.resumption.SessionJudge.Unsealed;
import io.github.tlsresumption.ticket.Ticket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the states of an engine into the {@linkplain Ticket envelope}, under a key of the ring. Confined to its handshake.
 */
final class EnvelopeTickets implements StateTickets
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);

    private final ConnectorContext connector;
    private final Refusals refusals;
    private final SessionJudge judge;
    private final HandshakeSession session;

    EnvelopeTickets(ConnectorContext connector, Refusals refusals, SessionJudge judge, HandshakeSession session)
    {
        this.connector = connector;
        this.refusals = refusals;
        this.judge = judge;
        this.session = session;
    }

    @Override
    public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
    {
        long start = System.nanoTime();
        boolean accepted = false;
        try
        {
            Optional<OpenedTicket> opened = judge.open(ticket, associatedData, stateFormat, now -> unseal(ticket, associatedData, now));
            accepted = opened.isPresent();
            return opened;
        }
        finally
        {
            connector.statistics().opened(System.nanoTime() - start, accepted);
        }
    }

    private Optional<Unsealed> unseal(byte[] ticket, byte[] associatedData, Instant now)
    {
        OptionalLong keyId = Ticket.keyId(ticket);
        if (keyId.isEmpty())
        {
            return refusals.refuse(RefusalReason.TAMPERED);
        }
        Optional<TicketKey> key = connector.ring().opening(keyId.getAsLong(), now);
        if (key.isEmpty())
        {
            return refusals.refuse(RefusalReason.UNKNOWN_KEY);
        }
        Optional<Ticket.Opened> content = Ticket.open(key.get().cipher(), ticket, associatedData);
        return content.isEmpty()
            ? refusals.refuse(RefusalReason.TAMPERED)
            : Optional.of(new Unsealed(content.get(), key.get().openUntil()));
    }

    @Override
    public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
    {
        long start = System.nanoTime();
        boolean made = false;
        try
        {
            Optional<byte[]> ticket = sealed(state, associatedData, stateFormat, origin);
            made = ticket.isPresent();
            return ticket;
        }
        finally
        {
            connector.statistics().sealed(System.nanoTime() - start, made);
        }
    }

    private Optional<byte[]> sealed(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
    {
        Optional<HandshakeSession.Holder> holder = session.holder();
        if (holder.isEmpty())
        {
            return Optional.empty();
        }
        if (state.length + Aes256Gcm.TAG_BYTES > Ticket.MAX_PAYLOAD_BYTES)
        {
            connector.log().tooLarge(state.length, Ticket.MAX_PAYLOAD_BYTES - Aes256Gcm.TAG_BYTES);
            return refusals.refuse(RefusalReason.TOO_LARGE);
        }
        Instant now = connector.now();
        Optional<TicketKey> key = connector.ring().sealing(now);
        if (key.isEmpty())
        {
            return refusals.refuse(RefusalReason.NO_KEY);
        }
        return session.toSeal(holder.get(), origin, stateFormat, now).flatMap(found -> seal(key.get(), found, state, associatedData));
    }

    private Optional<byte[]> seal(TicketKey key, TicketSession found, byte[] state, byte[] associatedData)
    {
        byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
        try
        {
            byte[] payload = found.key() == null ? state : Ticket.sealPayload(found.key().cipher(), nonce, found.record().id(), state);
            return Optional.of(Ticket.seal(key.cipher(), key.id(), nonce, found.record(), payload, associatedData));
        }
        catch (IllegalStateException e)
        {
            // A key was erased in this moment: the session was forgotten, or the ring dropped.
            LOG.debug("seal", e);
            return refusals.refuse(RefusalReason.FORGOTTEN);
        }
    }
}
