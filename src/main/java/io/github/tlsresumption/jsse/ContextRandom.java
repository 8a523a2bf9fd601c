package io.github.tlsresumption.jsse;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.SecureRandom;
import java.security.SecureRandomParameters;
import java.security.SecureRandomSpi;

/**
 * The random source given to a SunJSSE context. It carries the context to the {@link StekGenerator};
 * every random byte comes from the platform's generator behind it.
 * Thread-safe as that one is, and without a lock of its own.
 */
final class ContextRandom extends SecureRandom
{
    private static final long serialVersionUID = 1L;

    private final transient SecureRandom random;
    private final transient ResumptionSSLContextSpi context;

    ContextRandom(SecureRandom random, ResumptionSSLContextSpi context)
    {
        super(new Delegate(random), null);
        this.random = random;
        this.context = context;
    }

    ResumptionSSLContextSpi context()
    {
        return context;
    }

    @Override
    public String getAlgorithm()
    {
        return random.getAlgorithm();
    }

    // SecureRandom's own implementation is synchronized for a source without a provider.
    @Override
    public void nextBytes(byte[] bytes)
    {
        random.nextBytes(bytes);
        EngineHandshake handshake = EngineHandshake.current(context);
        if (handshake != null)
        {
            handshake.exchange().randomDrawn();
        }
    }

    @Override
    public void nextBytes(byte[] bytes, SecureRandomParameters params)
    {
        random.nextBytes(bytes, params);
    }

    @Override
    public byte[] generateSeed(int numBytes)
    {
        return random.generateSeed(numBytes);
    }

    @Override
    public void setSeed(byte[] seed)
    {
        random.setSeed(seed);
    }

    @Override
    public void setSeed(long seed)
    {
        // Called by the constructor of java.util.Random, before there is a source to seed.
        if (random != null)
        {
            random.setSeed(seed);
        }
    }

    @Override
    public void reseed()
    {
        random.reseed();
    }

    @Override
    public void reseed(SecureRandomParameters params)
    {
        random.reseed(params);
    }

    @Override
    public SecureRandomParameters getParameters()
    {
        return random.getParameters();
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException
    {
        throw new NotSerializableException(getClass().getName());
    }

    /**
     * What {@link SecureRandom} asks where it cannot be overridden.
     */
    private static final class Delegate extends SecureRandomSpi
    {
        private static final long serialVersionUID = 1L;

        private final transient SecureRandom random;

        private Delegate(SecureRandom random)
        {
            this.random = random;
        }

        @Override
        protected void engineSetSeed(byte[] seed)
        {
            random.setSeed(seed);
        }

        @Override
        protected void engineNextBytes(byte[] bytes)
        {
            random.nextBytes(bytes);
        }

        @Override
        protected byte[] engineGenerateSeed(int numBytes)
        {
            return random.generateSeed(numBytes);
        }
    }
}
