package io.github.tlsresumption.accp;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.XECKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * X25519 (RFC 7748) by another provider, whose keys SunJSSE does not understand: public keys come out as the JDK's own, private ones as
 * {@link X25519PrivateKey}, and keys of anybody's go in.
 * <p>
 * Whatever is not X25519 is refused, so that JCA goes on to the next provider.
 */
final class X25519Provider extends Provider
{
    static final String XDH = "XDH";
    static final String JDK = "SunEC";

    private static final long serialVersionUID = 1L;
    private static final String X25519 = NamedParameterSpec.X25519.getName();
    private static final int KEY_BITS = 255;

    /**
     * @param by has {@code KeyPairGenerator.XDH}, {@code KeyFactory.XDH} and {@code KeyAgreement.XDH}
     */
    X25519Provider(Provider by)
    {
        super("NativeX25519", "1", "X25519 of " + by.getName());
        for (String name : new String[]{XDH, X25519})
        {
            put("KeyPairGenerator", name, Generator.class, () -> new Generator(by));
            put("KeyAgreement", name, Agreement.class, () -> new Agreement(by));
        }
    }

    private void put(String type, String name, Class<?> implementation, Supplier<Object> maker)
    {
        putService(new Service(this, type, name, implementation.getName(), null, null)
        {
            @Override
            public Object newInstance(Object parameter)
            {
                return maker.get();
            }
        });
    }

    private static boolean namesX25519(AlgorithmParameterSpec parameters)
    {
        return parameters instanceof NamedParameterSpec named && X25519.equalsIgnoreCase(named.getName());
    }

    /**
     * Makes key pairs of the other provider.
     */
    private static final class Generator extends KeyPairGeneratorSpi
    {
        private final Provider by;

        private Generator(Provider by)
        {
            this.by = by;
        }

        @Override
        public void initialize(int bits, SecureRandom random)
        {
            if (bits != KEY_BITS)
            {
                throw new InvalidParameterException("X25519 keys have " + KEY_BITS + " bits");
            }
        }

        @Override
        public void initialize(AlgorithmParameterSpec parameters, SecureRandom random) throws InvalidAlgorithmParameterException
        {
            if (!namesX25519(parameters))
            {
                throw new InvalidAlgorithmParameterException("not X25519");
            }
        }

        @Override
        public KeyPair generateKeyPair()
        {
            try
            {
                KeyPair pair = KeyPairGenerator.getInstance(XDH, by).generateKeyPair();
                KeyFactory jdk = KeyFactory.getInstance(XDH, JDK);
                return new KeyPair(jdk.generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded())),
                    new X25519PrivateKey(pair.getPrivate(), by));
            }
            catch (GeneralSecurityException e)
            {
                throw new ProviderException(e);
            }
        }
    }

    /**
     * Agrees by the other provider on what belongs to two keys.
     */
    private static final class Agreement extends KeyAgreementSpi
    {
        private final Provider by;
        private KeyAgreement agreement;
        private byte[] secret;

        private Agreement(Provider by)
        {
            this.by = by;
        }

        @Override
        protected void engineInit(Key key, SecureRandom random) throws InvalidKeyException
        {
            secret = null;
            if (!(key instanceof PrivateKey) || !isX25519(key))
            {
                throw new InvalidKeyException("not a private key of X25519");
            }
            try
            {
                agreement = KeyAgreement.getInstance(XDH, by);
                agreement.init(privateKey(key));
            }
            catch (NoSuchAlgorithmException | InvalidKeySpecException e)
            {
                throw new InvalidKeyException(e);
            }
        }

        @Override
        protected void engineInit(Key key, AlgorithmParameterSpec parameters, SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException
        {
            if (parameters != null && !namesX25519(parameters))
            {
                throw new InvalidAlgorithmParameterException("not X25519");
            }
            engineInit(key, random);
        }

        @Override
        protected Key engineDoPhase(Key key, boolean lastPhase) throws InvalidKeyException
        {
            if (agreement == null || secret != null)
            {
                throw new IllegalStateException("not initialized");
            }
            if (!lastPhase)
            {
                throw new IllegalStateException("there is one phase only");
            }
            if (!(key instanceof PublicKey) || !isX25519(key))
            {
                throw new InvalidKeyException("not a public key of X25519");
            }
            try
            {
                // A point of small order is refused here, as RFC 8446 section 7.4.2 wants it.
                agreement.doPhase(KeyFactory.getInstance(XDH, by).generatePublic(new X509EncodedKeySpec(encoded(key))), true);
                secret = agreement.generateSecret();
                return null;
            }
            catch (NoSuchAlgorithmException | InvalidKeySpecException e)
            {
                throw new InvalidKeyException(e);
            }
        }

        @Override
        protected byte[] engineGenerateSecret()
        {
            if (secret == null)
            {
                throw new IllegalStateException("not agreed yet");
            }
            byte[] result = secret;
            secret = null;
            return result;
        }

        @Override
        protected int engineGenerateSecret(byte[] sharedSecret, int offset) throws ShortBufferException
        {
            if (secret == null)
            {
                throw new IllegalStateException("not agreed yet");
            }
            if (sharedSecret.length - offset < secret.length)
            {
                throw new ShortBufferException();
            }
            byte[] result = engineGenerateSecret();
            System.arraycopy(result, 0, sharedSecret, offset, result.length);
            Arrays.fill(result, (byte)0);
            return result.length;
        }

        @Override
        protected SecretKey engineGenerateSecret(String algorithm) throws NoSuchAlgorithmException
        {
            if (!algorithm.toLowerCase(Locale.ROOT).startsWith("tls") && !"Generic".equalsIgnoreCase(algorithm))
            {
                throw new NoSuchAlgorithmException("no secret for " + algorithm);
            }
            byte[] result = engineGenerateSecret();
            try
            {
                return new SecretKeySpec(result, algorithm);
            }
            finally
            {
                Arrays.fill(result, (byte)0);
            }
        }

        private PrivateKey privateKey(Key key) throws InvalidKeyException, NoSuchAlgorithmException, InvalidKeySpecException
        {
            // To read an encoded one takes as long as to make a pair.
            return key instanceof X25519PrivateKey ours && ours.madeBy(by) ? ours.key()
                : KeyFactory.getInstance(XDH, by).generatePrivate(new PKCS8EncodedKeySpec(encoded(key)));
        }

        private static boolean isX25519(Key key)
        {
            return key instanceof XECKey xec && namesX25519(xec.getParams());
        }

        private static byte[] encoded(Key key) throws InvalidKeyException
        {
            byte[] encoded = key.getEncoded();
            if (encoded == null)
            {
                throw new InvalidKeyException("the key cannot be read");
            }
            return encoded;
        }
    }
}
