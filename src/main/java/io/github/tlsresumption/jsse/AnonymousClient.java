package io.github.tlsresumption.jsse;

import javax.net.ssl.SSLSession;

/**
 * Knows an engine's session with a client that was not asked for a certificate. SunJSSE is the one to tell of all others: of a handshake
 * under way, of one for which the engine ever was to ask, and of a renegotiation. Thread-safe.
 */
final class AnonymousClient
{
    /**
     * Knows nothing.
     */
    static final AnonymousClient UNKNOWN = new AnonymousClient();

    private volatile boolean asked;
    private volatile SSLSession session;

    /**
     * @param forCertificate whether clients are to be asked from now on. It does not matter that they are not: SunJSSE may have begun a
     * handshake meanwhile, which goes by what was set then
     */
    void asked(boolean forCertificate)
    {
        if (forCertificate)
            asked = true;
    }

    /**
     * @param established SunJSSE's session, which a client of this engine has just established or resumed
     */
    void establishes(SSLSession established)
    {
        if (!asked)
            session = established;
    }

    /**
     * @param candidate a session of SunJSSE's
     * @return whether its client is known to have no certificate
     */
    boolean has(SSLSession candidate)
    {
        return candidate == session;
    }
}
