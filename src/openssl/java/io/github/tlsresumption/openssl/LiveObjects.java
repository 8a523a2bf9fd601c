package io.github.tlsresumption.openssl;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many native objects exist: all that were made and not freed. Thread-safe.
 */
final class LiveObjects
{
    /** Of all contexts that engines are made for. */
    static final LiveObjects OF_ALL = new LiveObjects();

    private final AtomicLong contexts = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong credentials = new AtomicLong();

    /**
     * @return contexts ({@code SSL_CTX})
     */
    public long contexts()
    {
        return contexts.get();
    }

    /**
     * @return connections ({@code SSL}), from the first byte to the end
     */
    public long connections()
    {
        return connections.get();
    }

    /**
     * @return certificate chains with their keys
     */
    public long credentials()
    {
        return credentials.get();
    }

    AtomicLong contextCounter()
    {
        return contexts;
    }

    AtomicLong connectionCounter()
    {
        return connections;
    }

    AtomicLong credentialCounter()
    {
        return credentials;
    }

    @Override
    public String toString()
    {
        return "contexts=%d, connections=%d, credentials=%d".formatted(contexts(), connections(), credentials());
    }
}
