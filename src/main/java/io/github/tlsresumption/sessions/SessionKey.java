package io.github.tlsresumption.sessions;

import java.time.Instant;
import java.util.Arrays;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.StableId;

/**
 * The key of one session of mode {@code cache}. Immutable until it is destroyed, and thread-safe.
 */
public final class SessionKey
{
    private final Aes256Gcm cipher;
    private final StableId id;
    private final long established;
    private final long deadline;
    private final long clientIdentity;
    private final String rule;

    private SessionKey(Aes256Gcm cipher, StableId id, Instant established, Instant deadline, long clientIdentity, String rule)
    {
        this.cipher = cipher;
        this.id = id;
        this.established = established.toEpochMilli();
        this.deadline = deadline.toEpochMilli();
        this.clientIdentity = clientIdentity;
        this.rule = rule;
    }

    /**
     * @param record about the session
     * @param rule the name of the rule that gave the session its terms, empty when none did
     * @return a new random key
     */
    public static SessionKey generate(SessionRecord record, String rule)
    {
        byte[] secret = Random.bytes(Aes256Gcm.KEY_BYTES);
        try
        {
            return of(secret, record.id(), record.established(), record.deadline(), record.clientIdentity(), rule);
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
        }
    }

    /**
     * A key that comes from a store.
     *
     * @param secret as {@link #secret} gave it, copied
     * @param id the session's stable id
     * @param established when the session was established
     * @param deadline when it ends
     * @param clientIdentity a keyed hash of the client's identity, 0 for none
     * @param rule the name of the rule that gave the session its terms, empty when none did
     * @return that key
     * @throws IllegalArgumentException when the secret has another length than {@link Aes256Gcm#KEY_BYTES}
     */
    public static SessionKey of(byte[] secret, StableId id, Instant established, Instant deadline, long clientIdentity, String rule)
    {
        return new SessionKey(new Aes256Gcm(secret), id, established, deadline, clientIdentity, rule);
    }

    /**
     * @return a copy of the secret, for a store outside this process, which seals it; to be overwritten by the caller
     * @throws IllegalStateException when the key was destroyed
     */
    public byte[] secret()
    {
        return cipher.key();
    }

    /**
     * For this module's other packages.
     *
     * @return what seals and opens with this key
     */
    @SuppressWarnings("exports")
    public Aes256Gcm cipher()
    {
        return cipher;
    }

    /**
     * @return the session's stable id
     */
    public StableId id()
    {
        return id;
    }

    /**
     * @return when the session was established
     */
    public Instant established()
    {
        return Instant.ofEpochMilli(established);
    }

    /**
     * @return a keyed hash of the client's identity, 0 for none
     */
    public long clientIdentity()
    {
        return clientIdentity;
    }

    /**
     * @return the name of the rule that gave the session its terms, empty when none did
     */
    public String rule()
    {
        return rule;
    }

    /**
     * @return when the session ends
     */
    public Instant deadline()
    {
        return Instant.ofEpochMilli(deadline);
    }

    /**
     * Overwrites the key: what it has sealed cannot be opened any more, by anybody.
     */
    public void destroy()
    {
        cipher.destroy();
    }

    /**
     * @return the deadline; nothing of the key
     */
    @Override
    public String toString()
    {
        return "SessionKey[deadline=%s]".formatted(deadline());
    }
}
