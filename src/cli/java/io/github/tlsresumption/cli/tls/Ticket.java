package io.github.tlsresumption.cli.tls;

import java.util.Arrays;

/**
 * What a NewSessionTicket message brought (RFC 5077 section 3.3, RFC 8446 section 4.6.1).
 *
 * @param bytes opaque to the client
 * @param lifetime in seconds
 * @param ageAdd hides its age; 0 in TLS 1.2
 * @param nonce tells its key from those of other tickets; empty in TLS 1.2
 */
public record Ticket(byte[] bytes, long lifetime, long ageAdd, byte[] nonce)
{
    /**
     * @return the same ticket with one bit changed
     */
    Ticket tampered()
    {
        byte[] changed = bytes.clone();
        changed[changed.length * 2 / 3] ^= 1;
        return new Ticket(changed, lifetime, ageAdd, nonce);
    }

    /**
     * @param other another ticket
     * @return whether both are the same to a server
     */
    public boolean isSameAs(Ticket other)
    {
        return Arrays.equals(bytes, other.bytes);
    }

    @Override
    public String toString()
    {
        return "ticket of " + bytes.length + " bytes";
    }
}
