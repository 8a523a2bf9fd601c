package io.github.tlsresumption.resumption;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.resumption.SessionJudge.Unsealed;
import io.github.tlsresumption.ticket.SessionData;
import io.github.tlsresumption.ticket.Ticket;
import io.github.tlsresumption.ticket.TicketKeyName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Derives the keys of each ticket from a key of the ring, by its name and initialization vector; the record rides in the engine's state.
 * In mode {@code cache} the engine's part beside it is sealed under the session's own key, so that a ticket is refused as soon as that key
 * is erased or replaced. Confined to its handshake.
 */
final class RingKeyTickets implements KeyTickets
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);
    /** The engine's state comes beside it, and all of it must find room in a ClientHello. */
    private static final int MAX_OWN_BYTES = Ticket.MAX_BYTES / 2;
    private static final byte[] PURPOSE = "ticket".getBytes(StandardCharsets.US_ASCII);

    private final ConnectorContext connector;
    private final Refusals refusals;
    private final SessionJudge judge;
    private final TicketSealer sealer;
    private final Map<ByteBuffer, TicketKey> tried = new HashMap<>();
    /** Of the ticket that was asked for last. */
    private byte[] current = {};

    RingKeyTickets(ConnectorContext connector, Refusals refusals, SessionJudge judge, TicketSealer sealer)
    {
        this.connector = connector;
        this.refusals = refusals;
        this.judge = judge;
        this.sealer = sealer;
    }

    @Override
    public Optional<byte[]> data(byte[] own, int stateFormat, SessionOrigin origin)
    {
        return sealer.seal(own, MAX_OWN_BYTES, stateFormat, origin,
            (key, nonce, record, payload) -> SessionData.encode(nonce, record, payload));
    }

    @Override
    public Optional<Instant> deadline(byte[] data)
    {
        return SessionData.decode(data).map(content -> content.record().deadline());
    }

    @Override
    public Optional<Secrets> newSecrets()
    {
        return sealer.sealingKey(connector.now())
            .flatMap(key -> secrets(key, TicketKeyName.of(key.id()), Random.bytes(IV_BYTES)));
    }

    @Override
    public Optional<Secrets> secrets(byte[] name, byte[] iv)
    {
        current = start(name, iv);
        ByteBuffer place = ByteBuffer.wrap(current);
        TicketKey known = tried.get(place);
        if (known != null)
        {
            // After a HelloRetryRequest the same ticket comes a second time.
            return secrets(known, name, iv);
        }
        if (!judge.mayTry())
        {
            return Optional.empty();
        }
        OptionalLong keyId = TicketKeyName.keyId(name);
        if (keyId.isEmpty())
        {
            return refusals.refuse(RefusalReason.TAMPERED);
        }
        Optional<TicketKey> key = connector.ring().opening(keyId.getAsLong(), connector.now());
        if (key.isEmpty())
        {
            return refusals.refuse(RefusalReason.UNKNOWN_KEY);
        }
        tried.put(place, key.get());
        return secrets(key.get(), name, iv);
    }

    @Override
    public void tampered()
    {
        // It counts as one more when it comes again.
        tried.remove(ByteBuffer.wrap(current));
        refusals.refuse(RefusalReason.TAMPERED);
    }

    @Override
    public Optional<OpenedTicket> open(byte[] data, int stateFormat)
    {
        TicketKey key = tried.get(ByteBuffer.wrap(current));
        if (key == null)
        {
            return Optional.empty();
        }
        return judge.open(data, current, stateFormat, now ->
        {
            Optional<Ticket.Opened> content = SessionData.decode(data);
            return content.isEmpty()
                ? refusals.refuse(RefusalReason.OTHER_FORMAT)
                : Optional.of(new Unsealed(content.get(), key.openUntil()));
        });
    }

    private Optional<Secrets> secrets(TicketKey key, byte[] name, byte[] iv)
    {
        try
        {
            return Optional.of(derive(key, name, iv));
        }
        catch (IllegalStateException e)
        {
            LOG.debug("a ticket key was dropped in this moment", e);
            return refusals.refuse(RefusalReason.UNKNOWN_KEY);
        }
    }

    static Secrets derive(TicketKey key, byte[] name, byte[] iv)
    {
        byte[] purpose = ByteBuffer.allocate(PURPOSE.length + name.length + iv.length).put(PURPOSE).put(name).put(iv).array();
        byte[] both = key.derive(purpose, 2 * KEY_BYTES);
        try
        {
            return new Secrets(name.clone(), iv.clone(), Arrays.copyOf(both, KEY_BYTES), Arrays.copyOfRange(both, KEY_BYTES, both.length));
        }
        finally
        {
            Arrays.fill(both, (byte)0);
        }
    }

    private static byte[] start(byte[] name, byte[] iv)
    {
        return ByteBuffer.allocate(name.length + iv.length).put(name).put(iv).array();
    }
}
