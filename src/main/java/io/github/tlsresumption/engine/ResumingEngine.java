package io.github.tlsresumption.engine;

/**
 * Marks the {@link javax.net.ssl.SSLEngine}s of a {@link TlsEngine}, so that Jetty's ALPN processors can be chosen for them.
 */
public interface ResumingEngine extends AutoCloseable
{
    /**
     * Frees what the engine has outside of the heap. To be called when its connection has ended, whatever its state; again, it does
     * nothing.
     */
    @Override
    default void close()
    {
        // An engine in the heap has nothing else.
    }
}
