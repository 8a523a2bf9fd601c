package io.github.tlsresumption.crypto;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Ciphers of AES from the providers that JCA prefers, which it is asked for once: by name alone it would walk all providers,
 * and choose among them again at each {@code init}, which takes as long as to seal a session. Providers that are installed
 * after the first use are not seen, until {@link #chooseAgain}. Safe for use by many threads.
 */
final class AesCiphers
{
    private static final String GCM = "AES/GCM/NoPadding";
    /** A provider's own service by this name is found at once, one by the general name after a search among modes and paddings. */
    private static final String ECB_256 = "AES_256/ECB/NoPadding";
    private static final String ECB = "AES/ECB/NoPadding";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    // Two threads that find nothing choose the same.
    private static volatile Choice gcm;
    private static volatile Choice blocks;

    private record Choice(String transformation, Provider provider)
    {
        private Cipher newCipher() throws GeneralSecurityException
        {
            return Cipher.getInstance(transformation, provider);
        }
    }

    private AesCiphers()
    {
    }

    /**
     * To be called when the list of providers has changed.
     */
    static void chooseAgain()
    {
        gcm = null;
        blocks = null;
    }

    /**
     * @return a new cipher of AES in GCM mode, for keys of 256 bits
     * @throws GeneralSecurityException when no provider has it
     */
    static Cipher gcm() throws GeneralSecurityException
    {
        Choice choice = gcm;
        if (choice == null)
        {
            choice = choose(GCM, new GCMParameterSpec(TAG_BITS, new byte[NONCE_BYTES]));
            gcm = choice;
        }
        return choice.newCipher();
    }

    /**
     * @return a new cipher of AES for single blocks, for keys of 256 bits
     * @throws GeneralSecurityException when no provider has it
     */
    static Cipher blocks() throws GeneralSecurityException
    {
        Choice choice = blocks;
        if (choice == null)
        {
            choice = chooseBlocks();
            blocks = choice;
        }
        return choice.newCipher();
    }

    private static Choice chooseBlocks() throws GeneralSecurityException
    {
        Choice general = choose(ECB, null);
        try
        {
            Choice special = choose(ECB_256, null);
            return special.provider() == general.provider() ? special : general;
        }
        catch (GeneralSecurityException e)
        {
            return general;
        }
    }

    private static Choice choose(String transformation, AlgorithmParameterSpec parameters) throws GeneralSecurityException
    {
        Cipher cipher = Cipher.getInstance(transformation);
        // JCA chooses when it knows the key.
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[KEY_BYTES], "AES"), parameters);
        return new Choice(transformation, cipher.getProvider());
    }
}
