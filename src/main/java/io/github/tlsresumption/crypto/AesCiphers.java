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
    private static final String ECB = "AES/ECB/NoPadding";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    // Two threads that find nothing choose the same.
    private static volatile Provider gcmProvider;
    private static volatile Provider ecbProvider;

    private AesCiphers()
    {
    }

    /**
     * To be called when the list of providers has changed.
     */
    static void chooseAgain()
    {
        gcmProvider = null;
        ecbProvider = null;
    }

    /**
     * @return a new cipher of AES in GCM mode, for keys of 256 bits
     * @throws GeneralSecurityException when no provider has it
     */
    static Cipher gcm() throws GeneralSecurityException
    {
        Provider provider = gcmProvider;
        if (provider == null)
        {
            provider = chosen(GCM, new GCMParameterSpec(TAG_BITS, new byte[NONCE_BYTES]));
            gcmProvider = provider;
        }
        return Cipher.getInstance(GCM, provider);
    }

    /**
     * @return a new cipher of AES for single blocks, for keys of 256 bits
     * @throws GeneralSecurityException when no provider has it
     */
    static Cipher blocks() throws GeneralSecurityException
    {
        Provider provider = ecbProvider;
        if (provider == null)
        {
            provider = chosen(ECB, null);
            ecbProvider = provider;
        }
        return Cipher.getInstance(ECB, provider);
    }

    private static Provider chosen(String transformation, AlgorithmParameterSpec parameters) throws GeneralSecurityException
    {
        Cipher cipher = Cipher.getInstance(transformation);
        // JCA chooses when it knows the key.
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[KEY_BYTES], "AES"), parameters);
        return cipher.getProvider();
    }
}
