package io.github.tlsresumption.openssl;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.StateTickets;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.StableId;

/**
 * Seals tickets under one key, lets all sessions be resumed, and counts. What it answers can be changed.
 */
final class TestSessions implements TicketProtector
{
    final AtomicInteger begun = new AtomicInteger();
    final AtomicInteger sealed = new AtomicInteger();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger kept = new AtomicInteger();
    final AtomicInteger found = new AtomicInteger();
    final AtomicInteger established = new AtomicInteger();
    final AtomicInteger resumed = new AtomicInteger();
    /** Handshakes that were not complete. */
    final AtomicInteger abandoned = new AtomicInteger();
    final AtomicInteger forgotten = new AtomicInteger();
    final AtomicInteger earlyData = new AtomicInteger();
    volatile TlsHandshake last;
    volatile boolean resumable = true;
    volatile boolean proven = true;
    volatile boolean refuseSeal;
    volatile boolean over;
    /** What becomes of each answer to a ticket. */
    volatile UnaryOperator<Optional<OpenedTicket>> answer = UnaryOperator.identity();
    /** Asked before a session of the cache is resumed. */
    volatile boolean resumableById = true;
    volatile Runnable atEnd = () ->
    {
    };
    volatile Runnable atSeal = () ->
    {
    };

    private final Xaes256Gcm key = new Xaes256Gcm(Random.bytes(Xaes256Gcm.KEY_BYTES));

    @Override
    public Tickets begin(TlsHandshake handshake)
    {
        begun.incrementAndGet();
        last = handshake;
        return new One(handshake);
    }

    @Override
    public boolean isOver(CachedSession cached)
    {
        return over;
    }

    @Override
    public void forget(TlsSession session)
    {
        forgotten.incrementAndGet();
    }

    private byte[] seal(byte[] state)
    {
        byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
        byte[] box = key.seal(nonce, state, new byte[0]);
        byte[] ticket = Arrays.copyOf(nonce, nonce.length + box.length);
        System.arraycopy(box, 0, ticket, nonce.length, box.length);
        return ticket;
    }

    private Optional<OpenedTicket> unseal(byte[] ticket)
    {
        if (ticket.length < Xaes256Gcm.NONCE_BYTES + Xaes256Gcm.TAG_BYTES)
        {
            return Optional.empty();
        }
        byte[] nonce = Arrays.copyOf(ticket, Xaes256Gcm.NONCE_BYTES);
        return key.open(nonce, ticket, nonce.length, ticket.length - nonce.length, new byte[0]).map(TestSessions::opened);
    }

    static OpenedTicket opened(byte[] state)
    {
        return new OpenedTicket(Instant.now(), state);
    }

    private final class One implements Tickets, StateTickets
    {
        private final TlsHandshake handshake;
        private boolean left;
        private boolean complete;

        private One(TlsHandshake handshake)
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
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isExhausted(int offered)
        {
            return offered > 4;
        }

        @Override
        public boolean renews(OpenedTicket ticket)
        {
            return false;
        }

        @Override
        public boolean resumable(Optional<Protocol> protocol)
        {
            return resumable;
        }

        @Override
        public boolean resumableById(CachedSession cached)
        {
            found.incrementAndGet();
            return resumableById;
        }

        @Override
        public boolean proven()
        {
            return proven;
        }

        @Override
        public void earlyData()
        {
            earlyData.incrementAndGet();
        }

        @Override
        public void abandoned()
        {
            if (!left && !complete)
            {
                left = true;
                abandoned.incrementAndGet();
            }
        }

        @Override
        public TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
        {
            complete = true;
            if (left)
            {
                // It has resumed nothing.
                abandoned.decrementAndGet();
            }
            established.incrementAndGet();
            if (origin.isResumed())
            {
                resumed.incrementAndGet();
            }
            else if (cachedId.isPresent())
            {
                kept.incrementAndGet();
            }
            atEnd.run();
            String mode = cachedId.isPresent() ? "session-id" : "ticket";
            return new TlsSession(StableId.random(), origin.isResumed(), resumable ? mode : "off",
                handshake.protocol().map(Protocol::toString).orElse("TLSv1.3"), handshake.established(),
                handshake.established().plusSeconds(3600), 0, "");
        }

        @Override
        public TlsSession renegotiated()
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
        {
            sealed.incrementAndGet();
            atSeal.run();
            return refuseSeal ? Optional.empty() : Optional.of(TestSessions.this.seal(state));
        }

        @Override
        public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
        {
            opened.incrementAndGet();
            return answer.apply(unseal(ticket));
        }
    }
}
