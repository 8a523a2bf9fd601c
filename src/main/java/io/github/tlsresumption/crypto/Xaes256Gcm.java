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
 * A key of XAES-256-GCM, the authenticated encryption of <a href="https://c2sp.org/XAES-256-GCM">c2sp.org/XAES-256-GCM</a>.
 * Its nonce is wide enough to be drawn at random for every message, by any number of machines that share the key.
 *
 * <p>Safe for use by many threads, without locks, also while one of them destroys it.
 */
public final class Xaes256Gcm implements Destroyable
{
    /**
     * Length of a key.
     */
    public static final int KEY_BYTES = 32;

    /**
     * Length of a nonce.
     */
    public static final int NONCE_BYTES = 24;

    /**
     * By how much a sealed message is longer than its plaintext.
     */
    public static final int TAG_BYTES = 16;

    /*
     * Per message:
     *
     *   subkey = CMAC-AES-256(key, 00 01 'X' 00 | nonce[0..12]) | CMAC-AES-256(key, 00 02 'X' 00 | nonce[0..12])
     *   sealed = AES-256-GCM(subkey, nonce[12..24], plaintext, associated data), its tag at the end
     *
     * The ciphers are made anew for each message: one that is kept would keep the key's schedule beyond destroy(), and grow so old that
     * the heap keeps it long after nobody does.
     */
    private static final int BLOCK_BYTES = 16;
    private static final int HALF_NONCE_BYTES = 12;

    private final byte[] key;
    private volatile boolean destroyed;

    /**
     * Looks anew which provider JCA prefers for AES, which is else done once in the process: to be called when there may be other
     * providers.
     */
    public static void chooseProvider()
    {
        AesCiphers.chooseAgain();
    }

    /**
     * @param key exactly {@link #KEY_BYTES} bytes, which are copied; whoever loads keys asks {@link #isWeak} first
     * @throws IllegalArgumentException when the length is another
     */
    public Xaes256Gcm(byte[] key)
    {
        if (key.length != KEY_BYTES)
        {
            throw new IllegalArgumentException("an XAES-256-GCM key has " + KEY_BYTES + " bytes, not " + key.length);
        }
        this.key = key.clone();
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
     * @param nonce {@link #NONCE_BYTES} bytes, never used before with this key; random ones will do
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
     * @param nonce the {@link #NONCE_BYTES} bytes given to {@link #seal}
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
        return destroyed ? "XAES-256-GCM key (destroyed)" : "XAES-256-GCM key";
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

    private static byte[] aesGcm(int mode, byte[] key, byte[] nonce, byte[] associatedData, byte[] input, int offset, int length)
        throws GeneralSecurityException
    {
        byte[] subkey = subkey(key, nonce);
        try
        {
            Cipher gcm = AesCiphers.gcm();
            gcm.init(mode, new SecretKeySpec(subkey, "AES"),
                new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce, HALF_NONCE_BYTES, NONCE_BYTES - HALF_NONCE_BYTES));
            gcm.updateAAD(associatedData);
            return gcm.doFinal(input, offset, length);
        }
        finally
        {
            Arrays.fill(subkey, (byte)0);
        }
    }

    /*
     * Each CMAC input is one whole block, so CMAC (NIST SP 800-38B) is one encryption of the block masked with the subkey K1.
     */
    private static byte[] subkey(byte[] key, byte[] nonce) throws GeneralSecurityException
    {
        Cipher aes = AesCiphers.blocks();
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        byte[] mask = doubled(aes.doFinal(new byte[BLOCK_BYTES]));
        byte[] blocks = new byte[2 * BLOCK_BYTES];
        for (int counter = 1; counter <= 2; counter++)
        {
            int start = (counter - 1) * BLOCK_BYTES;
            blocks[start + 1] = (byte)counter;
            blocks[start + 2] = 'X';
            System.arraycopy(nonce, 0, blocks, start + 4, HALF_NONCE_BYTES);
            for (int i = 0; i < BLOCK_BYTES; i++)
            {
                blocks[start + i] ^= mask[i];
            }
        }
        return aes.doFinal(blocks);
    }

    /*
     * Times x in GF(2^128), without a branch on key-dependent bits.
     */
    private static byte[] doubled(byte[] block)
    {
        byte[] result = new byte[BLOCK_BYTES];
        int carry = 0;
        for (int i = BLOCK_BYTES - 1; i >= 0; i--)
        {
            result[i] = (byte)(block[i] << 1 | carry);
            carry = (block[i] & 0x80) >>> 7;
        }
        result[BLOCK_BYTES - 1] ^= (byte)(0x87 & -carry);
        return result;
    }

    private static void requireNonce(byte[] nonce)
    {
        if (nonce.length != NONCE_BYTES)
        {
            throw new IllegalArgumentException("an XAES-256-GCM nonce has " + NONCE_BYTES + " bytes, not " + nonce.length);
        }
    }

    private static IllegalStateException unavailable(GeneralSecurityException cause)
    {
        return new IllegalStateException("this Java platform does not do AES-256 in GCM mode", cause);
    }
}
