package io.github.tlsresumption.keys;

import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import javax.security.auth.Destroyable;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.crypto.Hkdf;
import io.github.tlsresumption.crypto.Xaes256Gcm;

/**
 * A session ticket encryption key (STEK) and its place in time.
 *
 * <pre>
 *   created       sealFrom          sealUntil                openUntil
 *      |  PUBLISHED  |    SEALING      |        OPENING          |  ENDED
 * </pre>
 *
 * Every boundary belongs to the state that begins there. A key opens tickets from its publication on, because the
 * clock of another node may already let it seal.
 *
 * <p>Times are kept to the millisecond. Safe for use by many threads, also while one of them destroys it.
 */
public final class TicketKey implements Destroyable
{
    /**
     * The longest that a key may seal, and the longest that it may open after its last seal:
     * RFC 8446 section 4.6.1 lets no ticket live longer.
     */
    public static final Duration MAX_PERIOD = Duration.ofDays(7);

    /**
     * What a key does at an instant.
     */
    public enum State
    {
        /**
         * In the store for everybody to read, not sealing yet.
         */
        PUBLISHED,
        /**
         * Seals new tickets and opens them.
         */
        SEALING,
        /**
         * Opens the tickets that it sealed.
         */
        OPENING,
        /**
         * Opens nothing any more: its time is over or it was destroyed.
         */
        ENDED
    }

    private final long id;
    private final Instant created;
    private final Instant sealFrom;
    private final Instant sealUntil;
    private final Instant openUntil;
    private final byte[] secret;
    private final Xaes256Gcm cipher;

    /*
     * Copies the secret; the caller overwrites its own.
     */
    TicketKey(long id, Instant created, Instant sealFrom, Instant sealUntil, Instant openUntil, byte[] secret)
    {
        this(id, created, sealFrom, sealUntil, openUntil, requireStrong(id, secret).clone(), new Xaes256Gcm(secret));
    }

    private TicketKey(long id, Instant created, Instant sealFrom, Instant sealUntil, Instant openUntil, byte[] secret, Xaes256Gcm cipher)
    {
        this.id = id;
        this.created = created.truncatedTo(ChronoUnit.MILLIS);
        this.sealFrom = sealFrom.truncatedTo(ChronoUnit.MILLIS);
        this.sealUntil = sealUntil.truncatedTo(ChronoUnit.MILLIS);
        this.openUntil = openUntil.truncatedTo(ChronoUnit.MILLIS);
        this.secret = secret;
        this.cipher = cipher;
        if (id == 0)
        {
            throw new IllegalArgumentException("a ticket key's id is never 0");
        }
        requireOrder("seals before it is created", this.created, this.sealFrom);
        requireOrder("stops sealing before it begins", this.sealFrom, this.sealUntil);
        requireOrder("stops opening before it stops sealing", this.sealUntil, this.openUntil);
        requireAtMost("seals for more than ", this.sealFrom, this.sealUntil);
        requireAtMost("opens after its last seal for more than ", this.sealUntil, this.openUntil);
    }

    /**
     * @return the random number that stands in front of every ticket sealed with this key; never 0
     */
    public long id()
    {
        return id;
    }

    /**
     * @return when the key was made, by the clock of the node that made it
     */
    public Instant created()
    {
        return created;
    }

    /**
     * @return the first instant at which the key seals
     */
    public Instant sealFrom()
    {
        return sealFrom;
    }

    /**
     * @return the first instant at which the key no longer seals
     */
    public Instant sealUntil()
    {
        return sealUntil;
    }

    /**
     * @return the first instant at which the key no longer opens
     */
    public Instant openUntil()
    {
        return openUntil;
    }

    /**
     * @param now the time
     * @return what the key does then; {@link State#ENDED} whenever it was destroyed
     */
    public State state(Instant now)
    {
        if (isDestroyed() || !now.isBefore(openUntil))
        {
            return State.ENDED;
        }
        if (!now.isBefore(sealUntil))
        {
            return State.OPENING;
        }
        return now.isBefore(sealFrom) ? State.PUBLISHED : State.SEALING;
    }

    /**
     * For this module's other packages.
     *
     * @return the key at work; it neither asks for the time nor for the state
     */
    @SuppressWarnings("exports")
    public Xaes256Gcm cipher()
    {
        return cipher;
    }

    /**
     * For this module's other packages: key material of this ticket key, by HKDF-Expand with SHA-256 (RFC 5869 sections 2.3 and 3.3). It
     * says nothing of the secret, of what {@link #cipher} seals, and of what is derived for other purposes.
     *
     * @param purpose any bytes
     * @param length of the material, in bytes
     * @return the material, the same on all nodes, to be overwritten by the caller
     * @throws IllegalStateException when the key was destroyed
     */
    public byte[] derive(byte[] purpose, int length)
    {
        byte[] copy = secret();
        try
        {
            return Hkdf.expandSha256(copy, purpose, length);
        }
        finally
        {
            Arrays.fill(copy, (byte)0);
        }
    }

    /**
     * Overwrites the secret. There is no way back; {@link #state} is {@link State#ENDED} from then on.
     */
    @Override
    public void destroy()
    {
        cipher.destroy();
        // As in the cipher: nobody may copy a byte overwritten and then find the flag still down.
        VarHandle.releaseFence();
        Arrays.fill(secret, (byte)0);
    }

    @Override
    public boolean isDestroyed()
    {
        return cipher.isDestroyed();
    }

    /**
     * @return the id, the times, nothing of the secret
     */
    @Override
    public String toString()
    {
        return "ticket key " + hex(id) + " (created " + created + ", seals " + sealFrom + " to " + sealUntil + ", opens until " + openUntil
            + (isDestroyed() ? ", destroyed)" : ")");
    }

    /*
     * A copy, which the caller overwrites: for the codec, and to derive other keys.
     */
    byte[] secret()
    {
        byte[] copy = secret.clone();
        VarHandle.acquireFence();
        if (isDestroyed())
        {
            Arrays.fill(copy, (byte)0);
            throw new IllegalStateException("ticket key " + hex(id) + " was destroyed");
        }
        return copy;
    }

    /*
     * A secret that is gone equals none.
     */
    boolean hasSecretOf(TicketKey other)
    {
        return Digests.equal(secret, other.secret) && !isDestroyed() && !other.isDestroyed();
    }

    boolean hasTimesOf(TicketKey other)
    {
        return created.equals(other.created) && sealFrom.equals(other.sealFrom)
            && sealUntil.equals(other.sealUntil) && openUntil.equals(other.openUntil);
    }

    /*
     * The same key in memory of its own.
     */
    TicketKey copy()
    {
        byte[] copy = secret();
        try
        {
            return new TicketKey(id, created, sealFrom, sealUntil, openUntil, copy);
        }
        finally
        {
            Arrays.fill(copy, (byte)0);
        }
    }

    /*
     * The same secret in the same memory at other times: to destroy one is to destroy both.
     */
    TicketKey withTimesOf(TicketKey other)
    {
        return new TicketKey(id, other.created, other.sealFrom, other.sealUntil, other.openUntil, secret, cipher);
    }

    /*
     * Stops sealing at an earlier instant, and so stops opening as much earlier. Shares its memory like withTimesOf.
     */
    TicketKey sealingUntil(Instant earlier)
    {
        Duration opening = Duration.between(sealUntil, openUntil);
        return new TicketKey(id, created, sealFrom, earlier, earlier.plus(opening), secret, cipher);
    }

    static String hex(long id)
    {
        return HexFormat.of().toHexDigits(id);
    }

    private static byte[] requireStrong(long id, byte[] secret)
    {
        if (Xaes256Gcm.isWeak(secret))
        {
            throw new IllegalArgumentException("ticket key " + hex(id) + " is weak: a secret is " + Xaes256Gcm.KEY_BYTES
                + " random bytes, this one has another length or is one byte repeated");
        }
        return secret;
    }

    private void requireOrder(String fault, Instant first, Instant second)
    {
        if (second.isBefore(first))
        {
            throw new IllegalArgumentException("ticket key " + hex(id) + " " + fault + ": " + first + ", " + second);
        }
    }

    private void requireAtMost(String fault, Instant first, Instant second)
    {
        if (second.isAfter(first.plus(MAX_PERIOD)))
        {
            throw new IllegalArgumentException("ticket key " + hex(id) + " " + fault + MAX_PERIOD.toDays() + " days: "
                + first + ", " + second);
        }
    }
}
