package io.github.tlsresumption.openssl;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import java.util.List;

/**
 * A provider with keys that do not give their bytes away, as those in a PKCS#11 token.
 */
final class LockedKeys extends Provider
{
    private static final long serialVersionUID = 1L;
    private static final LockedKeys PROVIDER = new LockedKeys();

    private LockedKeys()
    {
        super("LockedKeys", "1", "keys that stay where they are");
        for (String algorithm : List.of("SHA256withECDSA", "SHA256withRSA", "RSASSA-PSS", "Ed25519"))
        {
            putService(new SigningService(this, algorithm));
        }
    }

    static void install()
    {
        Security.addProvider(PROVIDER);
    }

    static void remove()
    {
        Security.removeProvider(PROVIDER.getName());
    }

    /**
     * A private key without an encoding.
     */
    static final class LockedKey implements PrivateKey
    {
        private static final long serialVersionUID = 1L;

        private final transient PrivateKey key;

        LockedKey(PrivateKey key)
        {
            this.key = key;
        }

        @Override
        public String getAlgorithm()
        {
            return key.getAlgorithm();
        }

        @Override
        public String getFormat()
        {
            return null;
        }

        @Override
        public byte[] getEncoded()
        {
            return null;
        }
    }

    private static final class SigningService extends Service
    {
        private SigningService(Provider provider, String algorithm)
        {
            super(provider, "Signature", algorithm, Signing.class.getName(), null, null);
        }

        @Override
        public Object newInstance(Object parameter)
        {
            return new Signing(getAlgorithm());
        }

        @Override
        public boolean supportsParameter(Object parameter)
        {
            return parameter instanceof LockedKey;
        }
    }

    private static final class Signing extends SignatureSpi
    {
        private final String algorithm;
        private Signature signature;

        private Signing(String algorithm)
        {
            this.algorithm = algorithm;
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException
        {
            try
            {
                signature = Signature.getInstance(algorithm);
                signature.initSign(((LockedKey)key).key);
            }
            catch (GeneralSecurityException e)
            {
                throw new InvalidKeyException(e);
            }
        }

        @Override
        protected void engineSetParameter(AlgorithmParameterSpec spec) throws InvalidAlgorithmParameterException
        {
            signature.setParameter(spec);
        }

        @Override
        protected void engineInitVerify(PublicKey key) throws InvalidKeyException
        {
            throw new InvalidKeyException();
        }

        @Override
        protected void engineUpdate(byte octet) throws SignatureException
        {
            signature.update(octet);
        }

        @Override
        protected void engineUpdate(byte[] bytes, int offset, int length) throws SignatureException
        {
            signature.update(bytes, offset, length);
        }

        @Override
        protected byte[] engineSign() throws SignatureException
        {
            return signature.sign();
        }

        @Override
        protected boolean engineVerify(byte[] bytes)
        {
            return false;
        }

        @Override
        @Deprecated
        protected void engineSetParameter(String name, Object value)
        {
            throw new InvalidParameterException();
        }

        @Override
        @Deprecated
        protected Object engineGetParameter(String name)
        {
            throw new InvalidParameterException();
        }
    }
}
