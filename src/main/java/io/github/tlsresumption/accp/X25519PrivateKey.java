package io.github.tlsresumption.accp;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyRep;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;

/**
 * A private key of another provider, as the JDK knows those of X25519. Immutable.
 */
final class X25519PrivateKey implements XECPrivateKey
{
    private static final long serialVersionUID = 1L;

    private final transient PrivateKey key;
    private final transient Provider provider;

    /**
     * @param key the other provider's
     * @param provider that provider
     */
    X25519PrivateKey(PrivateKey key, Provider provider)
    {
        this.key = key;
        this.provider = provider;
    }

    boolean madeBy(Provider other)
    {
        return provider == other;
    }

    PrivateKey key()
    {
        return key;
    }

    @Override
    public String getAlgorithm()
    {
        return X25519Provider.XDH;
    }

    @Override
    public String getFormat()
    {
        return key.getFormat();
    }

    @Override
    public byte[] getEncoded()
    {
        return key.getEncoded();
    }

    @Override
    public AlgorithmParameterSpec getParams()
    {
        return NamedParameterSpec.X25519;
    }

    @Override
    public Optional<byte[]> getScalar()
    {
        try
        {
            KeyFactory jdk = KeyFactory.getInstance(X25519Provider.XDH, X25519Provider.JDK);
            return ((XECPrivateKey)jdk.generatePrivate(new PKCS8EncodedKeySpec(getEncoded()))).getScalar();
        }
        catch (GeneralSecurityException e)
        {
            throw new ProviderException(e);
        }
    }

    /**
     * @return nothing of the key
     */
    @Override
    public String toString()
    {
        return "X25519 private key";
    }

    @Override
    public boolean equals(Object other)
    {
        return other instanceof XECPrivateKey that && Arrays.equals(getEncoded(), that.getEncoded());
    }

    @Override
    public int hashCode()
    {
        return Arrays.hashCode(getEncoded());
    }

    private Object writeReplace()
    {
        return new KeyRep(KeyRep.Type.PRIVATE, getAlgorithm(), getFormat(), getEncoded());
    }
}
