package io.github.tlsresumption.openssl;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The first ticket that a ClientHello of TLS 1.3 offers, and the binder by which its client proves that it has the session's secret
 * (RFC 8446 section 4.2.11). A library of the BoringSSL family looks at no other. Each chooses before a HelloRetryRequest; it checks the
 * binder only when it has chosen the ticket, and does no full handshake any more then. Immutable.
 */
final class PreSharedKeys
{
    private static final int PRE_SHARED_KEY = 41;
    private static final int SHA384_SUITE = 0x1302;
    private static final byte CLIENT_HELLO = 1;
    private static final int OBFUSCATED_AGE_BYTES = 4;

    private final byte[] ticket;
    private final byte[] binder;
    /** The message up to the binders, its header included. */
    private final byte[] bound;

    private PreSharedKeys(byte[] ticket, byte[] binder, byte[] bound)
    {
        this.ticket = ticket;
        this.binder = binder;
        this.bound = bound;
    }

    /**
     * @param hello a ClientHello
     * @return what it offers, or empty when it offers nothing or is malformed, which is the library's to refuse
     */
    static Optional<PreSharedKeys> of(ClientHello hello)
    {
        return hello.extension(PRE_SHARED_KEY).flatMap(extension -> parse(extension, hello.body()));
    }

    private static Optional<PreSharedKeys> parse(byte[] extension, byte[] body)
    {
        try
        {
            ByteBuffer in = ByteBuffer.wrap(extension);
            ByteBuffer identities = part(in, in.getShort() & 0xFFFF);
            byte[] ticket = bytes(part(identities, identities.getShort() & 0xFFFF));
            part(identities, OBFUSCATED_AGE_BYTES);
            int behind = in.remaining();
            ByteBuffer binders = part(in, in.getShort() & 0xFFFF);
            byte[] binder = bytes(part(binders, binders.get() & 0xFF));
            // It is the last extension, so that the binders are the end of the message.
            int length = body.length - behind;
            int header = CLIENT_HELLO << 24 | body.length;
            byte[] bound = ByteBuffer.allocate(Integer.BYTES + length).putInt(header).put(body, 0, length).array();
            return Optional.of(new PreSharedKeys(ticket, binder, bound));
        }
        catch (BufferUnderflowException e)
        {
            return Optional.empty();
        }
    }

    private static ByteBuffer part(ByteBuffer in, int length)
    {
        if (length > in.remaining())
        {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        return part;
    }

    private static byte[] bytes(ByteBuffer in)
    {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }

    /**
     * @return the ticket, not to be changed
     */
    byte[] ticket()
    {
        return ticket;
    }

    /**
     * @param start the beginning of a ticket
     * @return whether it is this one
     */
    boolean isOf(byte[] start)
    {
        return ticket.length >= start.length && Arrays.equals(ticket, 0, start.length, start, 0, start.length);
    }

    /**
     * @param secret what is in the ticket's session
     * @return whether the client has shown that it has it
     */
    boolean proves(SessionSecret secret)
    {
        String hash = secret.cipherSuite() == SHA384_SUITE ? "SHA-384" : "SHA-256";
        try
        {
            MessageDigest digest = MessageDigest.getInstance(hash);
            int length = digest.getDigestLength();
            byte[] early = hmac(hash, new byte[length], secret.secret());
            byte[] binderKey = expandLabel(hash, early, "res binder", digest.digest());
            byte[] finishedKey = expandLabel(hash, binderKey, "finished", new byte[0]);
            byte[] expected = hmac(hash, finishedKey, digest.digest(bound));
            Arrays.fill(early, (byte)0);
            Arrays.fill(binderKey, (byte)0);
            Arrays.fill(finishedKey, (byte)0);
            return MessageDigest.isEqual(expected, binder);
        }
        catch (GeneralSecurityException e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * HKDF-Expand-Label (RFC 8446 section 7.1) of one block.
     */
    private static byte[] expandLabel(String hash, byte[] secret, String label, byte[] context) throws GeneralSecurityException
    {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(Short.BYTES + 1 + name.length + 1 + context.length + 1);
        info.putShort((short)secret.length).put((byte)name.length).put(name).put((byte)context.length).put(context).put((byte)1);
        return hmac(hash, secret, info.array());
    }

    private static byte[] hmac(String hash, byte[] key, byte[] message) throws GeneralSecurityException
    {
        String algorithm = "Hmac" + hash.replace("-", "");
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(key, algorithm));
        return mac.doFinal(message);
    }
}
