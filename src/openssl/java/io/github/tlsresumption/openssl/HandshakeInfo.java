package io.github.tlsresumption.openssl;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/**
 * What can be told of a handshake. Confined to the thread that drives the engine, and to the methods of {@link ConnectionSessions}.
 */
public interface HandshakeInfo
{
    /**
     * @return the engine
     */
    SSLEngine engine();

    /**
     * @return the ClientHello, or empty when it has not arrived
     */
    Optional<ClientHello> clientHello();

    /**
     * @return the negotiated protocol as JSSE names it, or empty when it is not decided
     */
    Optional<String> protocol();

    /**
     * @return whether a session that the client offered was accepted; false as long as that is not decided
     */
    boolean resumed();

    /**
     * @return the client's certificates, its own first; empty when the client is not authenticated, or not yet
     */
    List<X509Certificate> peerCertificates();

    /**
     * @param state the state of a session
     * @return the client's certificates in it, its own first; empty when the client was not authenticated
     * @throws CertificateException when they cannot be read
     */
    List<X509Certificate> peerCertificates(byte[] state) throws CertificateException;

    /**
     * @param state the state of a session
     * @return its secret, to be destroyed by the caller; or empty when it cannot be read
     */
    Optional<SessionSecret> secret(byte[] state);

    /**
     * @param certificates a client's certificates, its own first, not empty
     * @return whether a full handshake would accept them now; the trust manager may block
     */
    boolean trusts(List<X509Certificate> certificates);
}
