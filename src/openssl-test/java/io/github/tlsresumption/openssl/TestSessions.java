package io.github.tlsresumption.openssl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

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

    /** Of a library that seals by itself: from which keys tickets are. */
    volatile byte generation;
    volatile boolean withoutData;
    volatile boolean renews;
    volatile Optional<Instant> deadline = Optional.empty();
    /** The name of the ticket that was sealed last. */
    volatile byte[] lastName = {};
    /** What the engine wanted to find beside the state of the ticket that was sealed last. */
    volatile byte[] lastOwn = {};
    final AtomicInteger tampered = new AtomicInteger();

    private final byte[] root = Random.bytes(32);
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
        private final KeyTickets keys = new Keys();
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
            return keys;
        }

        @Override
        public boolean isExhausted(int offered)
        {
            return offered > 4;
        }

        @Override
        public boolean renews(OpenedTicket ticket)
        {
            return renews;
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

    /** What is in a ticket of a library that seals by itself. */
    byte[] decrypted(byte[] ticket) throws GeneralSecurityException
    {
        return new Keys().decrypted(ticket);
    }

    /**
     * Keys are derived from the one key; data says that it is ours.
     */
    private final class Keys implements KeyTickets
    {
        private static final byte[] OURS = {'o', 'u', 'r', 's'};

        @Override
        public Optional<byte[]> data(byte[] own, int stateFormat, SessionOrigin origin)
        {
            sealed.incrementAndGet();
            lastOwn = own.clone();
            atSeal.run();
            byte[] data = Arrays.copyOf(OURS, OURS.length + own.length);
            System.arraycopy(own, 0, data, OURS.length, own.length);
            return refuseSeal ? Optional.empty() : Optional.of(withoutData ? new byte[0] : data);
        }

        @Override
        public Optional<Instant> deadline(byte[] data)
        {
            return deadline;
        }

        @Override
        public Optional<Secrets> newSecrets()
        {
            byte[] name = Random.bytes(NAME_BYTES);
            name[0] = generation;
            lastName = name;
            return Optional.of(derived(name, Random.bytes(IV_BYTES)));
        }

        @Override
        public Optional<Secrets> secrets(byte[] name, byte[] iv)
        {
            opened.incrementAndGet();
            return name[0] == generation ? Optional.of(derived(name, iv)) : Optional.empty();
        }

        private byte[] decrypted(byte[] ticket) throws GeneralSecurityException
        {
            int head = NAME_BYTES + IV_BYTES;
            Secrets secrets = derived(Arrays.copyOf(ticket, NAME_BYTES), Arrays.copyOfRange(ticket, NAME_BYTES, head));
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(secrets.cipherKey(), "AES"), new IvParameterSpec(secrets.iv()));
            return cipher.doFinal(ticket, head, ticket.length - head - KEY_BYTES);
        }

        private Secrets derived(byte[] name, byte[] iv)
        {
            byte[] salt = Arrays.copyOf(name, name.length + iv.length);
            System.arraycopy(iv, 0, salt, name.length, iv.length);
            return new Secrets(name.clone(), iv.clone(), derived("cipher", salt), derived("mac", salt));
        }

        private byte[] derived(String what, byte[] salt)
        {
            try
            {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(root);
                digest.update(what.getBytes(StandardCharsets.US_ASCII));
                return digest.digest(salt);
            }
            catch (NoSuchAlgorithmException e)
            {
                throw new AssertionError(e);
            }
        }

        @Override
        public void tampered()
        {
            tampered.incrementAndGet();
            answer.apply(Optional.empty());
        }

        @Override
        public Optional<OpenedTicket> open(byte[] data, int stateFormat)
        {
            boolean ours = data.length >= OURS.length && Arrays.equals(OURS, Arrays.copyOf(data, OURS.length));
            return answer.apply(ours ? Optional.of(opened(Arrays.copyOfRange(data, OURS.length, data.length))) : Optional.empty());
        }
    }
}
