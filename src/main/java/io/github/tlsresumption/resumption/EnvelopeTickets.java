package io.github.tlsresumption.resumption;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.StateTickets;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.resumption.SessionJudge.Unsealed;
import io.github.tlsresumption.ticket.Ticket;

/**
 * Puts the states of an engine into the {@linkplain Ticket envelope}, under a key of the ring. Confined to its handshake.
 */
final class EnvelopeTickets implements StateTickets
{
    private static final int MAX_STATE_BYTES = Ticket.MAX_PAYLOAD_BYTES - Aes256Gcm.TAG_BYTES;

    private final ConnectorContext connector;
    private final Refusals refusals;
    private final SessionJudge judge;
    private final TicketSealer sealer;

    EnvelopeTickets(ConnectorContext connector, Refusals refusals, SessionJudge judge, TicketSealer sealer)
    {
        this.connector = connector;
        this.refusals = refusals;
        this.judge = judge;
        this.sealer = sealer;
    }

    @Override
    public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
    {
        return sealer.seal(state, MAX_STATE_BYTES, stateFormat, origin,
            (key, nonce, record, payload) -> Ticket.seal(key.cipher(), key.id(), nonce, record, payload, associatedData));
    }

    @Override
    public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
    {
        return judge.open(ticket, associatedData, stateFormat, now -> unseal(ticket, associatedData, now));
    }

    private Optional<Unsealed> unseal(byte[] ticket, byte[] associatedData, Instant now)
    {
        if (!judge.mayTry())
        {
            return Optional.empty();
        }
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
}
