package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.engine.TlsHandshake.Proof;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a ticket for a single use resumes once, and only for a client that has the session's secret: a ticket itself is in clear.
 * Belongs to one handshake, which {@link #abandoned} may end from another thread.
 */
final class SingleUse
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);

    private final ConnectorContext connector;
    private final SessionKeyStore sessionKeys;
    private final Refusals refusals;
    private final AtomicReference<Reservation> reservation = new AtomicReference<>();

    SingleUse(ConnectorContext connector, Refusals refusals)
    {
        this.connector = connector;
        this.sessionKeys = connector.sessionKeys();
        this.refusals = refusals;
    }

    /**
     * A ticket that this handshake alone may use, until its client has proven that the session is its own.
     *
     * @param key the session's
     * @param next the key to come in its place then
     * @param holder names the handshake to the store
     * @param until from then on, by a count of nanoseconds, another handshake may have it
     */
    private record Reservation(SessionKey key, SessionKey next, long holder, long until)
    {
    }

    /**
     * @param content of a ticket for a single use
     * @param terms of its client
     * @param proof what the client has shown
     * @return the session under its next key, or nothing when the ticket is not to be used here
     */
    Optional<TicketSession> use(TicketContent content, SessionTerms terms, Proof proof)
    {
        if (proof == Proof.MISSING)
        {
            return refusals.refuse(RefusalReason.REPLAYED);
        }
        SessionKey next = SessionKey.generate(content.record(), terms.rule());
        try
        {
            if (proof == Proof.GIVEN ? sessionKeys.replace(content.key(), next) : reserve(content.key(), next))
            {
                return Optional.of(new TicketSession(content.record(), next, terms));
            }
            next.destroy();
            return refusals.refuse(RefusalReason.REPLAYED);
        }
        catch (IOException | RuntimeException e)
        {
            LOG.debug("session key store", e);
            next.destroy();
            return refusals.refuse(RefusalReason.STORE_UNAVAILABLE);
        }
    }

    private boolean reserve(SessionKey key, SessionKey next) throws IOException
    {
        long holder = ByteBuffer.wrap(Random.bytes(Long.BYTES)).getLong();
        // The store counts from later on.
        long until = connector.nanos() + SessionKeyStore.RESERVATION.toNanos();
        if (!sessionKeys.reserve(key, holder))
        {
            return false;
        }
        abandon(reservation.getAndSet(new Reservation(key, next, holder, until)));
        return true;
    }

    /**
     * Says that the client has proven to have the secret.
     *
     * @return whether the ticket was this handshake's to use
     */
    boolean proven()
    {
        Reservation held = reservation.getAndSet(null);
        if (held == null)
        {
            return true;
        }
        // Until then nobody else can have used the ticket.
        boolean isLate = connector.nanos() - held.until() >= 0;
        boolean committed;
        try
        {
            committed = sessionKeys.commit(held.key(), held.next(), held.holder());
        }
        catch (IOException | RuntimeException e)
        {
            // This client has the secret, and it is too late for a full handshake. The ticket may be good once more, for it alone.
            LOG.debug("session key store", e);
            refusals.refuse(isLate ? RefusalReason.REPLAYED : RefusalReason.STORE_UNAVAILABLE);
            return !isLate;
        }
        if (committed)
        {
            return true;
        }
        held.next().destroy();
        boolean unused = !isLate && isGone(held.key());
        if (!unused)
        {
            refusals.refuse(RefusalReason.REPLAYED);
        }
        return unused;
    }

    /**
     * A key that another handshake has used is there still; one that was evicted or forgotten is not, and then nobody uses its ticket.
     */
    private boolean isGone(SessionKey key)
    {
        try
        {
            return sessionKeys.get(key.id()).isEmpty();
        }
        catch (IOException | RuntimeException e)
        {
            LOG.debug("session key store", e);
            return false;
        }
    }

    /**
     * Says that the handshake resumes nothing.
     */
    void abandoned()
    {
        abandon(reservation.getAndSet(null));
    }

    private void abandon(Reservation held)
    {
        if (held == null)
        {
            return;
        }
        held.next().destroy();
        try
        {
            sessionKeys.release(held.key(), held.holder());
        }
        catch (IOException | RuntimeException e)
        {
            // It ends by itself.
            LOG.debug("session key store", e);
        }
    }
}
