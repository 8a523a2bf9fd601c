package io.github.tlsresumption.engine;

import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/**
 * Makes a context of the provider that the server is set to.
 */
@FunctionalInterface
public interface ContextSource
{
    /**
     * @return a new context, not initialized
     * @throws GeneralSecurityException when there is none
     */
    SSLContext get() throws GeneralSecurityException;
}
