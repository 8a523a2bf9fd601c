package io.github.tlsresumption.engine;

/**
 * Marks the {@link javax.net.ssl.SSLEngine}s of a {@link TlsEngine}, so that Jetty's ALPN processors can be chosen for them.
 */
public interface ResumingEngine
{
}
