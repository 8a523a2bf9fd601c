package io.github.tlsresumption.engine;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.StableId;

/**
 * Tickets that hide nothing, for they never leave this process: with them an engine shows in handshakes in memory whether it seals by us,
 * opens by us, resumes, and refuses. Not thread-safe.
 */
public final class TransparentTickets implements TicketProtector
{
    private static final int HEADER_BYTES = 32;

    private int sealed;
    private int opened;
    private boolean resumed;
    private boolean refusing;
    private boolean keeping;
    private boolean unproven;

    /**
     * Begins anew: nothing is counted, nothing refused.
     */
    public void reset()
    {
        unproven = false;
        sealed = 0;
        opened = 0;
        resumed = false;
        refusing = false;
    }

    /**
     * @return how many tickets were sealed
     */
    public int sealed()
    {
        return sealed;
    }

    /**
     * @return how many tickets were offered to us
     */
    public int opened()
    {
        return opened;
    }

    /**
     * @return whether the last handshake resumed a session
     */
    public boolean resumed()
    {
        return resumed;
    }

    /**
     * @return whether the engine could not tell of a ticket that its client has the secret
     */
    public boolean unproven()
    {
        return unproven;
    }

    /**
     * From now on no ticket opens.
     */
    public void refuse()
    {
        refusing = true;
    }

    /**
     * @param keeping whether clients are to keep the tickets that they offer
     */
    public void keep(boolean keeping)
    {
        this.keeping = keeping;
    }

    @Override
    public Tickets begin(TlsHandshake handshake)
    {
        return new OfHandshake(handshake);
    }

    private static Instant established(SessionOrigin origin, TlsHandshake handshake)
    {
        return origin instanceof SessionOrigin.Ticket ticket ? ticket.opened().established() : handshake.established();
    }

    private Optional<OpenedTicket> opened(byte[] content, TlsHandshake handshake)
    {
        opened++;
        byte[] state = Arrays.copyOfRange(content, HEADER_BYTES, content.length);
        unproven |= handshake.proof(state) == TlsHandshake.Proof.MISSING;
        Instant established = Instant.ofEpochMilli(ByteBuffer.wrap(content).getLong());
        return refusing ? Optional.empty() : Optional.of(new OpenedTicket(established, state));
    }

    private final class OfHandshake implements Tickets, StateTickets
    {
        private final TlsHandshake handshake;

        private OfHandshake(TlsHandshake handshake)
        {
            this.handshake = handshake;
        }

        @Override
        public StateTickets states()
        {
            return this;
        }

        @Override
        public KeyTickets keys()
        {
            return new KnownKeys(handshake);
        }

        @Override
        public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
        {
            return opened(ticket, handshake);
        }

        @Override
        public boolean isExhausted(int offered)
        {
            return false;
        }

        @Override
        public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
        {
            sealed++;
            return Optional.of(ByteBuffer.allocate(HEADER_BYTES + state.length)
                .putLong(established(origin, handshake).toEpochMilli()).put(HEADER_BYTES, state).array());
        }

        @Override
        public boolean renews(OpenedTicket ticket)
        {
            return !keeping;
        }

        @Override
        public boolean resumable(Optional<Protocol> protocol)
        {
            return true;
        }

        @Override
        public boolean resumableById(CachedSession cached)
        {
            return false;
        }

        @Override
        public boolean proven()
        {
            return true;
        }

        @Override
        public void earlyData()
        {
            // No client of ours sends any.
        }

        @Override
        public void abandoned()
        {
            // Nothing is held.
        }

        @Override
        public TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
        {
            resumed = origin.isResumed();
            return new TlsSession(StableId.random(), resumed, "ticket", handshake.protocol().orElseThrow().toString(),
                handshake.established(), handshake.established(), 0, "");
        }

        @Override
        public TlsSession renegotiated()
        {
            throw new UnsupportedOperationException();
        }
    }

    /**
     * All tickets have the same keys, which everybody can know.
     */
    private final class KnownKeys implements KeyTickets
    {
        private final TlsHandshake handshake;

        private KnownKeys(TlsHandshake handshake)
        {
            this.handshake = handshake;
        }

        @Override
        public Optional<byte[]> data(byte[] own, int stateFormat, SessionOrigin origin)
        {
            sealed++;
            return Optional.of(ByteBuffer.allocate(HEADER_BYTES + own.length)
                .putLong(established(origin, handshake).toEpochMilli()).put(HEADER_BYTES, own).array());
        }

        @Override
        public Optional<Secrets> newSecrets()
        {
            return secrets(new byte[NAME_BYTES], new byte[IV_BYTES]);
        }

        @Override
        public Optional<Secrets> secrets(byte[] name, byte[] iv)
        {
            return Optional.of(new Secrets(name.clone(), iv.clone(), new byte[KEY_BYTES], new byte[KEY_BYTES]));
        }

        @Override
        public void tampered()
        {
            // Nobody changes one.
        }

        @Override
        public Optional<OpenedTicket> open(byte[] data, int stateFormat)
        {
            return opened(data, handshake);
        }
    }
}
