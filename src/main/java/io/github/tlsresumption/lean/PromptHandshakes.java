package io.github.tlsresumption.lean;

/**
 * What an {@code SslContextFactory} implements that knows whether its handshakes wait for anything but the processor. Thread-safe.
 */
public interface PromptHandshakes
{
    /**
     * @return whether what follows from a ClientHello asks no store, no token and nobody else, so that a selector's thread may do it
     */
    boolean isHelloPrompt();
}
