package io.github.tlsresumption.jsse;

import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * What is known of the certificates of an engine's session beside what SunJSSE tells: that the client was not asked for any, and the
 * server's own, where they were taken out of the state. SunJSSE is the one to tell of all other sessions: of a handshake
 * under way, of one for which the engine ever was to ask, and of a renegotiation. Thread-safe.
 */
final class KnownCertificates
{
    /**
     * Knows nothing.
     */
    static final KnownCertificates UNKNOWN = new KnownCertificates();

    private volatile boolean asked;
    private volatile SSLSession withAnonymousClient;
    private volatile Local local;

    private record Local(SSLSession session, LocalChain chain)
    {
    }

    /**
     * @param forCertificate whether clients are to be asked from now on. It does not matter that they are not: SunJSSE may have begun a
     * handshake meanwhile, which goes by what was set then
     */
    void asked(boolean forCertificate)
    {
        if (forCertificate)
        {
            asked = true;
        }
    }

    /**
     * @param established SunJSSE's session, which a client of this engine has just established or resumed
     */
    void establishes(SSLSession established)
    {
        if (!asked)
        {
            withAnonymousClient = established;
        }
    }

    /**
     * @param chain the server's certificates
     * @param resumed SunJSSE's session, which was resumed without them
     */
    void missing(LocalChain chain, SSLSession resumed)
    {
        local = new Local(resumed, chain);
    }

    /**
     * @param candidate a session of SunJSSE's
     * @return whether its client is known to have no certificate
     */
    boolean anonymousClient(SSLSession candidate)
    {
        return candidate == withAnonymousClient;
    }

    /**
     * @param candidate a session of SunJSSE's
     * @return the server's certificates, where SunJSSE has not been told
     */
    Optional<X509Certificate[]> local(SSLSession candidate)
    {
        return Optional.ofNullable(local).filter(known -> known.session() == candidate).map(known -> known.chain().certificates());
    }
}
