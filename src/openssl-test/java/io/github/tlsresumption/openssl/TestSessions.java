package io.github.tlsresumption.openssl;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;

/**
 * Seals tickets under one key, keeps sessions in memory, and counts. What it answers can be changed.
 */
final class TestSessions implements SessionProtector
{
    static final int OVERHEAD = Xaes256Gcm.NONCE_BYTES + Xaes256Gcm.TAG_BYTES;

    final AtomicInteger begun = new AtomicInteger();
    final AtomicInteger sealed = new AtomicInteger();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger added = new AtomicInteger();
    final AtomicInteger found = new AtomicInteger();
    final AtomicInteger established = new AtomicInteger();
    final AtomicInteger resumed = new AtomicInteger();
    final AtomicInteger abandoned = new AtomicInteger();
    final AtomicInteger invalidated = new AtomicInteger();
    final Map<String, byte[]> byId = new ConcurrentHashMap<>();
    volatile HandshakeInfo last;
    volatile boolean tickets = true;
    volatile boolean sessionIds = true;
    volatile byte[] context = {1, 2, 3};
    volatile boolean refuseSeal;
    /** What becomes of each answer to a ticket or an id. */
    volatile UnaryOperator<Opening> answer = UnaryOperator.identity();
    volatile Function<HandshakeInfo, SSLException> atEnd = info -> null;

    private final Xaes256Gcm key = new Xaes256Gcm(Random.bytes(Xaes256Gcm.KEY_BYTES));

    @Override
    public ConnectionSessions begin(HandshakeInfo handshake)
    {
        begun.incrementAndGet();
        last = handshake;
        return new One(handshake);
    }

    private byte[] seal(byte[] state)
    {
        byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
        byte[] box = key.seal(nonce, state, new byte[0]);
        byte[] ticket = Arrays.copyOf(nonce, nonce.length + box.length);
        System.arraycopy(box, 0, ticket, nonce.length, box.length);
        return ticket;
    }

    byte[] unseal(byte[] ticket)
    {
        if (ticket.length < OVERHEAD)
        {
            return null;
        }
        byte[] nonce = Arrays.copyOf(ticket, Xaes256Gcm.NONCE_BYTES);
        return key.open(nonce, ticket, nonce.length, ticket.length - nonce.length, new byte[0]).orElse(null);
    }

    private static Opening opening(byte[] state)
    {
        return state == null ? Opening.REFUSED : Opening.opened(state);
    }

    private final class One implements ConnectionSessions, StateTickets, SessionIds
    {
        private final HandshakeInfo handshake;

        private One(HandshakeInfo handshake)
        {
            this.handshake = handshake;
        }

        @Override
        public Terms terms()
        {
            return new Terms(tickets, sessionIds, context);
        }

        @Override
        public StateTickets tickets()
        {
            return this;
        }

        @Override
        public SessionIds sessionIds()
        {
            return this;
        }

        @Override
        public Optional<byte[]> established(boolean resumption, SSLSession session) throws SSLException
        {
            established.incrementAndGet();
            if (resumption)
            {
                resumed.incrementAndGet();
            }
            SSLException refusal = atEnd.apply(handshake);
            if (refusal != null)
            {
                throw refusal;
            }
            return Optional.empty();
        }

        @Override
        public void abandoned()
        {
            abandoned.incrementAndGet();
        }

        @Override
        public void invalidated()
        {
            invalidated.incrementAndGet();
        }

        @Override
        public int overheadBytes()
        {
            return OVERHEAD;
        }

        @Override
        public Optional<byte[]> seal(byte[] state)
        {
            sealed.incrementAndGet();
            return refuseSeal ? Optional.empty() : Optional.of(TestSessions.this.seal(state));
        }

        @Override
        public Opening open(byte[] ticket)
        {
            opened.incrementAndGet();
            return answer.apply(opening(unseal(ticket)));
        }

        @Override
        public void add(byte[] id, byte[] state)
        {
            added.incrementAndGet();
            byId.put(HexFormat.of().formatHex(id), state);
        }

        @Override
        public Opening find(byte[] id)
        {
            found.incrementAndGet();
            return answer.apply(opening(byId.get(HexFormat.of().formatHex(id))));
        }
    }
}
