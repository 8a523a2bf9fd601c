package io.github.tlsresumption.crypto;

import java.lang.invoke.VarHandle;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.Destroyable;

/**
 * A key of 32 bytes for authenticated encryption by AES-256 in GCM mode (NIST SP 800-38D), used as it is or to derive a key for each
 * message.
 *
 * <p>Safe for use by many threads, without locks, also while one of them destroys it.
 */
public abstract sealed class AesGcmKey implements Destroyable permits Aes256Gcm, Xaes256Gcm
{
    /**
     * Length of a key.
     */
    public static final int KEY_BYTES = 32;

    /**
     * By how much a sealed message is longer than its plaintext.
     */
    public static final int TAG_BYTES = 16;

    /** GCM's own, which are the last of a message's nonce. */
    static final int GCM_NONCE_BYTES = 12;

    /*
     * The ciphers are made anew for each message: one that is kept would keep the key's schedule beyond destroy(), and grow so old that
     * the heap keeps it long after nobody does.
     */
    private final byte[] key;
    private volatile boolean destroyed;

    AesGcmKey(byte[] key)
    {
        if (key.length != KEY_BYTES)
        {
            throw new IllegalArgumentException("an " + algorithm() + " key has " + KEY_BYTES + " bytes, not " + key.length);
        }
        this.key = key.clone();
    }

    abstract String algorithm();

    abstract int nonceBytes();

    /**
     * @return the key of AES-256-GCM for the message with this nonce, to be overwritten by the caller; may be {@code key} itself
     */
    abstract byte[] messageKey(byte[] key, byte[] nonce) throws GeneralSecurityException;

    /**
     * Looks anew which providers JCA prefers for AES and HMAC, which is else done once in the process: to be called when there may be
     * other providers.
     */
    public static void chooseProvider()
    {
        AesCiphers.chooseAgain();
        Hmac.chooseAgain();
    }

    /**
     * @return a copy of the key, to be overwritten by the caller
     * @throws IllegalStateException when this key was destroyed
     */
    public byte[] key()
    {
        return copyOfKey().orElseThrow(() -> new IllegalStateException("the key was destroyed"));
    }

    /**
     * Tells keys that no generator made: a file of zeros, a buffer nobody filled.
     *
     * @param key any bytes
     * @return true when it has not {@link #KEY_BYTES} bytes or they are all the same
     */
    public static boolean isWeak(byte[] key)
    {
        if (key.length != KEY_BYTES)
        {
            return true;
        }
        int differences = 0;
        for (byte octet : key)
        {
            differences |= octet ^ key[0];
        }
        return differences == 0;
    }

    /**
     * @param nonce as many bytes as the algorithm's nonce has, never used before with this key
     * @param plaintext what to seal, may be empty
     * @param associatedData what {@link #open} must be told again, may be empty
     * @return the ciphertext with its tag, {@link #TAG_BYTES} bytes longer than the plaintext
     * @throws IllegalStateException when this key was destroyed
     * @throws IllegalArgumentException when the nonce has another length
     */
    public byte[] seal(byte[] nonce, byte[] plaintext, byte[] associatedData)
    {
        requireNonce(nonce);
        byte[] copy = copyOfKey().orElseThrow(() -> new IllegalStateException("the key was destroyed"));
        try
        {
            return aesGcm(Cipher.ENCRYPT_MODE, copy, nonce, associatedData, plaintext, 0, plaintext.length);
        }
        catch (GeneralSecurityException e)
        {
            throw unavailable(e);
        }
        finally
        {
            Arrays.fill(copy, (byte)0);
        }
    }

    /**
     * @param nonce the one given to {@link #seal}
     * @param sealed holds the bytes to open
     * @param offset where in {@code sealed} they begin
     * @param length how many they are, the tag included
     * @param associatedData what was given to {@link #seal}
     * @return the plaintext; or nothing, when the bytes were not sealed with this key, nonce and associated data,
     *     or when this key was destroyed
     * @throws IllegalArgumentException when the nonce has another length
     * @throws IndexOutOfBoundsException when offset and length do not lie in {@code sealed}
     */
    public Optional<byte[]> open(byte[] nonce, byte[] sealed, int offset, int length, byte[] associatedData)
    {
        requireNonce(nonce);
        Objects.checkFromIndexSize(offset, length, sealed.length);
        Objects.requireNonNull(associatedData);
        if (length < TAG_BYTES)
        {
            return Optional.empty();
        }
        byte[] copy = copyOfKey().orElse(null);
        if (copy == null)
        {
            return Optional.empty();
        }
        try
        {
            return Optional.of(aesGcm(Cipher.DECRYPT_MODE, copy, nonce, associatedData, sealed, offset, length));
        }
        catch (BadPaddingException e)
        {
            // AEADBadTagException is one, and some providers throw no more than this.
            return Optional.empty();
        }
        catch (GeneralSecurityException e)
        {
            throw unavailable(e);
        }
        finally
        {
            Arrays.fill(copy, (byte)0);
        }
    }

    /**
     * Overwrites the key. From then on it seals and opens nothing; calls under way finish with the whole key.
     * What single calls left on the heap goes with the next garbage collections.
     */
    @Override
    public void destroy()
    {
        destroyed = true;
        // Nobody may see a byte overwritten and the flag still down; volatile alone does not order it with the plain writes after it.
        VarHandle.releaseFence();
        Arrays.fill(key, (byte)0);
    }

    @Override
    public boolean isDestroyed()
    {
        return destroyed;
    }

    /**
     * @return a text without any part of the key
     */
    @Override
    public String toString()
    {
        return algorithm() + (destroyed ? " key (destroyed)" : " key");
    }

    /*
     * First the copy, then the question: a copy made while destroy() was overwriting is found out here, so that
     * nothing is ever sealed with a key that is zero in part.
     */
    Optional<byte[]> copyOfKey()
    {
        byte[] copy = key.clone();
        VarHandle.acquireFence();
        if (destroyed)
        {
            Arrays.fill(copy, (byte)0);
            return Optional.empty();
        }
        return Optional.of(copy);
    }

    private byte[] aesGcm(int mode, byte[] key, byte[] nonce, byte[] associatedData, byte[] input, int offset, int length)
        throws GeneralSecurityException
    {
        byte[] messageKey = messageKey(key, nonce);
        try
        {
            Cipher gcm = AesCiphers.gcm();
            gcm.init(mode, new SecretKeySpec(messageKey, "AES"),
                new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce, nonce.length - GCM_NONCE_BYTES, GCM_NONCE_BYTES));
            gcm.updateAAD(associatedData);
            return gcm.doFinal(input, offset, length);
        }
        finally
        {
            Arrays.fill(messageKey, (byte)0);
        }
    }

    private void requireNonce(byte[] nonce)
    {
        if (nonce.length != nonceBytes())
        {
            throw new IllegalArgumentException("an " + algorithm() + " nonce has " + nonceBytes() + " bytes, not " + nonce.length);
        }
    }

    private static IllegalStateException unavailable(GeneralSecurityException cause)
    {
        return new IllegalStateException("this Java platform does not do AES-256 in GCM mode", cause);
    }
}
