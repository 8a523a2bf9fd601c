package io.github.tlsresumption.jsse;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import javax.crypto.SecretKey;

/**
 * What SunJSSE holds in place of a session ticket encryption key: no key at all, but the way to the
 * context whose protector holds the key ring. It has no encoding, so no other provider's cipher takes it.
 */
final class StekHandle implements SecretKey
{
    private static final long serialVersionUID = 1L;

    private final transient ResumptionSSLContextSpi context;

    StekHandle(ResumptionSSLContextSpi context)
    {
        this.context = context;
    }

    ResumptionSSLContextSpi context()
    {
        return context;
    }

    @Override
    public String getAlgorithm()
    {
        return "AES";
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

    /**
     * Does nothing: SunJSSE destroys what it believes to be an old key, but this stands for the whole ring.
     */
    @Override
    public void destroy()
    {
        // The ring erases its keys itself.
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException
    {
        throw new NotSerializableException(getClass().getName());
    }

    @Override
    public String toString()
    {
        return "StekHandle@%x".formatted(hashCode());
    }
}
