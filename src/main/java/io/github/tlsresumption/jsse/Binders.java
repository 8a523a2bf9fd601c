package io.github.tlsresumption.jsse;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The pre-shared keys that a ClientHello offers, and the binders by which its client proves that it has them (RFC 8446 section 4.2.11.2).
 * <p>
 * A ticket is in clear, so everybody who sees one can offer it. SunJSSE checks a binder only once it has chosen the ticket, and does no
 * full handshake any more then. What is good for one use must not be used up by a stranger, so its binder is checked here, before.
 * Immutable.
 */
final class Binders
{
    private static final int SHA384_SUITE = 0x1302;
    private static final byte MESSAGE_HASH = (byte)254;
    private static final byte[] NONE = {};

    private final List<byte[]> identities;
    private final List<byte[]> binders;
    private final byte[] hello;
    private final int bindersLength;
    private final byte[] firstHello;
    private final byte[] retry;

    private Binders(List<byte[]> identities, List<byte[]> binders, byte[] hello, int bindersLength, byte[] firstHello, byte[] retry)
    {
        this.identities = identities;
        this.binders = binders;
        this.hello = hello;
        this.bindersLength = bindersLength;
        this.firstHello = firstHello;
        this.retry = retry;
    }

    /**
     * @param identities the tickets, as they are on the wire
     * @param binders theirs, in the same order
     * @param hello the whole message ClientHello, its header included
     * @param bindersLength how many bytes at its end are not what the binders are over
     */
    Binders(List<byte[]> identities, List<byte[]> binders, byte[] hello, int bindersLength)
    {
        this(List.copyOf(identities), List.copyOf(binders), hello, bindersLength, NONE, NONE);
    }

    /**
     * @param first those of the ClientHello before
     * @param helloRetryRequest the message between the two
     * @return the same, for a second ClientHello (RFC 8446 section 4.4.1)
     */
    Binders after(Binders first, byte[] helloRetryRequest)
    {
        return new Binders(identities, binders, hello, bindersLength, first.hello, helloRetryRequest);
    }

    /**
     * @param ticket one of the identities, the very object
     * @return whether it is one
     */
    boolean has(byte[] ticket)
    {
        return indexOf(ticket) >= 0;
    }

    private int indexOf(byte[] ticket)
    {
        for (int i = 0; i < identities.size(); i++)
        {
            if (identities.get(i) == ticket)
            {
                return i;
            }
        }
        return -1;
    }

    /**
     * @param ticket one of the identities, the very object
     * @param state what SunJSSE wrote into it, not compressed
     * @return whether the client has shown that it has the session's pre-shared key; false too where that key is not found
     */
    boolean prove(byte[] ticket, byte[] state)
    {
        int index = indexOf(ticket);
        if (index < 0 || index >= binders.size() || state.length < 2 * Short.BYTES)
        {
            return false;
        }
        String hash = ByteBuffer.wrap(state).getShort(Short.BYTES) == SHA384_SUITE ? "SHA-384" : "SHA-256";
        for (byte[] key : preSharedKeys(state))
        {
            try
            {
                if (MessageDigest.isEqual(binder(hash, key), binders.get(index)))
                {
                    return true;
                }
            }
            catch (GeneralSecurityException e)
            {
                throw new IllegalStateException(e);
            }
            finally
            {
                Arrays.fill(key, (byte)0);
            }
        }
        return false;
    }

    /**
     * What may be the key: newer releases of the JDK do not write all that older ones write before it.
     *
     * <pre>
     *   version 2 | suite 2 | local signature schemes, their number 1 | key, length 2
     *   version 2 | suite 2 | local signature schemes, number 1 | the peer's, number 1 | algorithm, length 2 | key, length 2
     * </pre>
     */
    private static List<byte[]> preSharedKeys(byte[] state)
    {
        List<byte[]> keys = new ArrayList<>();
        try
        {
            ByteBuffer in = ByteBuffer.wrap(state).position(2 * Short.BYTES);
            skip(in, 2 * (in.get() & 0xFF));
            addKey(in.duplicate(), keys);
            skip(in, 2 * (in.get() & 0xFF));
            skip(in, in.getShort() & 0xFFFF);
            addKey(in, keys);
        }
        catch (BufferUnderflowException e)
        {
            // One of the other kind may be shorter than the older one's parts are long.
            return keys;
        }
        return keys;
    }

    private static void skip(ByteBuffer in, int length)
    {
        if (length > in.remaining())
        {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + length);
    }

    private static void addKey(ByteBuffer in, List<byte[]> keys)
    {
        int length = in.remaining() < Short.BYTES ? 0 : in.getShort() & 0xFFFF;
        if (length > 0 && length <= in.remaining())
        {
            byte[] key = new byte[length];
            in.get(key);
            keys.add(key);
        }
    }

    private byte[] binder(String hash, byte[] key) throws GeneralSecurityException
    {
        MessageDigest digest = MessageDigest.getInstance(hash);
        int length = digest.getDigestLength();
        byte[] early = hmac(hash, new byte[length], key);
        byte[] binderKey = expandLabel(hash, early, "res binder", digest.digest(), length);
        byte[] finishedKey = expandLabel(hash, binderKey, "finished", NONE, length);
        if (firstHello.length > 0)
        {
            byte[] first = digest.digest(firstHello);
            digest.update(new byte[]{MESSAGE_HASH, 0, 0, (byte)length});
            digest.update(first);
            digest.update(retry);
        }
        digest.update(hello, 0, hello.length - bindersLength);
        return hmac(hash, finishedKey, digest.digest());
    }

    /**
     * HKDF-Expand-Label (RFC 8446 section 7.1) of one block.
     */
    private static byte[] expandLabel(String hash, byte[] secret, String label, byte[] context, int length) throws GeneralSecurityException
    {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(Short.BYTES + 1 + name.length + 1 + context.length + 1);
        info.putShort((short)length).put((byte)name.length).put(name).put((byte)context.length).put(context).put((byte)1);
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
