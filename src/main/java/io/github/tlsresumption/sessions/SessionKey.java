package io.github.tlsresumption.sessions;

import java.time.Instant;
import java.util.Arrays;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.StableId;

/**
 * The key of one session of mode {@code cache}. Immutable until it is destroyed, and thread-safe.
 */
public final class SessionKey
{
    private final Xaes256Gcm cipher;
    private final StableId id;
    private final long established;
    private final long deadline;
    private final long clientIdentity;
    private final String rule;

    private SessionKey(Xaes256Gcm cipher, SessionRecord record, String rule)
    {
        this.cipher = cipher;
        this.id = record.id();
        this.established = record.established().toEpochMilli();
        this.deadline = record.deadline().toEpochMilli();
        this.clientIdentity = record.clientIdentity();
        this.rule = rule;
    }

    /**
     * @param record about the session
     * @param rule the name of the rule that gave the session its terms, empty when none did
     * @return a new random key
     */
    public static SessionKey generate(SessionRecord record, String rule)
    {
        byte[] secret = Random.bytes(Xaes256Gcm.KEY_BYTES);
        try
        {
            return new SessionKey(new Xaes256Gcm(secret), record, rule);
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
        }
    }

    /**
     * @return what seals and opens with this key
     */
    public Xaes256Gcm cipher()
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
