package io.github.tlsresumption.jsse;

import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.KeyGenerator;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;

/**
 * Gives SunJSSE a {@link StekHandle} where it asks for a ticket key, told apart by its {@link ContextRandom};
 * for anybody else it is the generator of the next provider.
 */
final class StekGenerator extends KeyGeneratorSpi
{
    private ResumptionSSLContextSpi context;
    private KeyGenerator next;

    @Override
    protected void engineInit(SecureRandom random)
    {
        if (!claim(random))
        {
            next().init(random);
        }
    }

    @Override
    protected void engineInit(AlgorithmParameterSpec params, SecureRandom random) throws InvalidAlgorithmParameterException
    {
        if (!claim(random))
        {
            next().init(params, random);
        }
    }

    @Override
    protected void engineInit(int keySize, SecureRandom random)
    {
        if (!claim(random))
        {
            next().init(keySize, random);
        }
    }

    @Override
    protected SecretKey engineGenerateKey()
    {
        return context != null ? new StekHandle(context) : next().generateKey();
    }

    private boolean claim(SecureRandom random)
    {
        context = random instanceof ContextRandom ours ? ours.context() : null;
        return context != null;
    }

    private KeyGenerator next()
    {
        if (next != null)
        {
            return next;
        }
        for (Provider provider : Security.getProviders())
        {
            if (provider instanceof StekProvider || provider.getService("KeyGenerator", "AES") == null)
            {
                continue;
            }
            try
            {
                next = KeyGenerator.getInstance("AES", provider);
                return next;
            }
            catch (NoSuchAlgorithmException e)
            {
                // As KeyGenerator.getInstance(String) does: the next one may be usable.
                continue;
            }
        }
        throw new ProviderException("no other provider has KeyGenerator.AES");
    }
}
