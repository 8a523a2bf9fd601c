package io.github.tlsresumption.openssl;

import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.Tickets;

/**
 * The tickets of one handshake with a library that seals by itself: the keys are ours, and what rides in a ticket beside its session, the
 * client's certificates among it. What goes wrong is a refusal. Confined to its handshake.
 */
final class SealedByLibrary
{
    private static final byte[] NOTHING = {};
    private static final long MILLIS_PER_SECOND = 1000;

    private final NativeContext context;
    private final HandshakeFacts facts;
    private final Tickets tickets;
    private final HandshakeSessions sessions;
    /** The ticket that is being sealed has data. */
    private boolean hasData;
    /** Of its session. */
    private Optional<Instant> deadline = Optional.empty();
    /** Where the ticket that is being opened begins, once its keys were asked for; or null. */
    private byte[] start;
    /** They were given. */
    private boolean hasSecrets;

    /**
     * @param context what all connections share
     * @param facts of the handshake
     * @param tickets decides
     * @param sessions of the handshake
     */
    SealedByLibrary(NativeContext context, HandshakeFacts facts, Tickets tickets, HandshakeSessions sessions)
    {
        this.context = context;
        this.facts = facts;
        this.tickets = tickets;
        this.sessions = sessions;
    }

    /**
     * @return as {@link SslCallbacks#ticketData}
     */
    byte[] data(SessionSecret secret)
    {
        hasData = false;
        deadline = Optional.empty();
        byte[] own = NOTHING;
        try
        {
            facts.knowPeer();
            own = new SessionSupplement(secret, facts.peerCertificates()).encode();
            Optional<byte[]> data = tickets.keys().data(own, context.stateFormat(), sessions.origin());
            deadline = data.flatMap(tickets.keys()::deadline);
            hasData = data.isPresent();
            return data.orElse(NOTHING);
        }
        catch (RuntimeException | SSLException | CertificateException e)
        {
            // Not the handshake's failure: it goes on with a decoy.
            context.warn(e);
            return NOTHING;
        }
        finally
        {
            Arrays.fill(own, (byte)0);
        }
    }

    /**
     * @return as {@link SslCallbacks#ticketSeconds}, no less than one and no more than the library would say
     */
    OptionalLong seconds()
    {
        if (deadline.isEmpty())
        {
            return OptionalLong.empty();
        }
        long millis = Duration.between(context.clock().instant(), deadline.get()).toMillis();
        return OptionalLong.of(Math.clamp(Math.ceilDiv(millis, MILLIS_PER_SECOND), 1, ContextOptions.SESSION_SECONDS));
    }

    /**
     * @return the keys for the ticket that has got its {@link #data}; or such that nobody can open it; or none in TLS 1.2, where the client
     * then gets an empty ticket (RFC 5077 section 3.3)
     */
    Optional<KeyTickets.Secrets> newSecrets()
    {
        try
        {
            Optional<KeyTickets.Secrets> secrets = hasData ? tickets.keys().newSecrets() : Optional.empty();
            if (secrets.isPresent())
            {
                return secrets;
            }
        }
        catch (RuntimeException e)
        {
            context.warn(e);
        }
        return facts.isTls13() ? Optional.of(decoy()) : Optional.empty();
    }

    private static KeyTickets.Secrets decoy()
    {
        return new KeyTickets.Secrets(Random.bytes(KeyTickets.NAME_BYTES), Random.bytes(KeyTickets.IV_BYTES),
            Random.bytes(KeyTickets.KEY_BYTES), Random.bytes(KeyTickets.KEY_BYTES));
    }

    /**
     * @return as {@link SslCallbacks#ticketSecrets}
     */
    Optional<KeyTickets.Secrets> secrets(byte[] name, byte[] iv)
    {
        start = Arrays.copyOf(name, name.length + iv.length);
        System.arraycopy(iv, 0, start, name.length, iv.length);
        hasSecrets = false;
        try
        {
            Optional<KeyTickets.Secrets> secrets = sessions.isExhausted() ? Optional.empty() : tickets.keys().secrets(name, iv);
            hasSecrets = secrets.isPresent();
            return secrets;
        }
        catch (RuntimeException e)
        {
            context.warn(e);
            return Optional.empty();
        }
    }

    /**
     * @return as {@link SslCallbacks#takeTicket}
     */
    SslCallbacks.Taking take(byte[] data, Consumer<byte[]> secret)
    {
        Optional<OpenedTicket> ticket = Optional.empty();
        boolean renews = false;
        facts.opening(start);
        try
        {
            ticket = tickets.keys().open(data, context.stateFormat());
            if (ticket.isPresent())
            {
                resume(ticket.get(), secret);
                // In TLS 1.3 a client gets a new one each time (RFC 8446 appendix C.4).
                renews = facts.isTls13() || tickets.renews(ticket.get());
            }
        }
        catch (RuntimeException | CertificateException e)
        {
            context.warn(e);
            ticket = Optional.empty();
        }
        finally
        {
            facts.opening(null);
            judged();
        }
        if (!sessions.opened(ticket))
        {
            return refusal();
        }
        return renews ? SslCallbacks.Taking.RESUME_AND_RENEW : SslCallbacks.Taking.RESUME;
    }

    private void resume(OpenedTicket ticket, Consumer<byte[]> secret) throws CertificateException
    {
        facts.resumes(SessionSupplement.chain(ticket.state()));
        SessionSecret own = SessionSupplement.secret(ticket.state());
        secret.accept(own.secret());
        own.destroy();
    }

    private void judged()
    {
        start = null;
        hasSecrets = false;
    }

    /**
     * @return as {@link SslCallbacks#unreadableTicket}
     */
    SslCallbacks.Taking unreadable(byte[] name)
    {
        if (name.length > 0 && start == null)
        {
            // The library has not asked for its keys, as it is too short to have any. It is refused and counted like others.
            secrets(Arrays.copyOf(name, KeyTickets.NAME_BYTES), new byte[KeyTickets.IV_BYTES]);
        }
        try
        {
            if (hasSecrets)
            {
                tickets.keys().tampered();
            }
        }
        catch (RuntimeException e)
        {
            context.warn(e);
        }
        judged();
        return refusal();
    }

    private SslCallbacks.Taking refusal()
    {
        return sessions.mayBeResumed() ? SslCallbacks.Taking.REFUSE_AND_RENEW : SslCallbacks.Taking.REFUSE;
    }
}
