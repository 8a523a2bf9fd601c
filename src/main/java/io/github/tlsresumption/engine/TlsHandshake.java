package io.github.tlsresumption.engine;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.ticket.HostName;
import io.github.tlsresumption.ticket.Protocol;

/**
 * What a TLS engine can tell of the handshake that it is doing.
 * <p>
 * Before the ServerHello is decided only the connection and the ClientHello are known;
 * {@link #protocol()}, {@link #established()} and {@link #peerCertificates()} are known when a ticket is sealed.
 * Instances are confined to the thread that drives the engine.
 */
public interface TlsHandshake
{
    /**
     * @return the host of the ClientHello's server_name extension (RFC 6066 section 3) as {@link HostName} writes it, or empty when it
     * had none
     */
    Optional<String> serverName();

    /**
     * @return the remote host (usually its address) as given when the engine was made, or empty when it was not given
     */
    Optional<String> peerHost();

    /**
     * @return a digest of what a session is bound to here: client-auth setting, the settings by which client certificates are validated,
     * and the certificate chains that this server would show for {@link #serverName()}. The trust anchors are not among it: {@link #trusts}
     * answers for the certificate of a session that has one.
     */
    long contextDigest();

    /**
     * @return the negotiated protocol, or empty when it is not decided or has no name here
     */
    Optional<Protocol> protocol();

    /**
     * @return whether a session of TLS 1.2 that this handshake establishes can be resumed as far as the extension
     * extended_master_secret is concerned (RFC 7627 section 5.3): the client has sent it, or the engine does not know it
     */
    default boolean extendedMasterSecret()
    {
        return true;
    }

    /**
     * @return when the session began that this full handshake establishes, by the engine's own clock; of no meaning where a session is
     * resumed
     */
    Instant established();

    /**
     * @return the client's certificate chain, its own certificate first; empty when the client is not authenticated
     */
    List<X509Certificate> peerCertificates();

    /**
     * @param state what was given to {@link StateTickets#seal}, in this handshake or an earlier one
     * @return the client's certificate chain in the session of that state, its own certificate first; empty when the client was
     * not authenticated
     * @throws CertificateException when it cannot be read
     */
    List<X509Certificate> peerCertificates(byte[] state) throws CertificateException;

    /**
     * What a client has done to show that it has the secret of a session whose ticket it offers. A ticket itself is in clear.
     */
    enum Proof
    {
        /** It has shown it. */
        GIVEN,
        /** It shows it when the handshake is complete, or the handshake fails. */
        LATER,
        /** It has not shown it, or the engine cannot tell. */
        MISSING
    }

    /**
     * @param state what was given to {@link StateTickets#seal}, in the ticket that is being opened
     * @return whether the client has the secret in it
     */
    default Proof proof(byte[] state)
    {
        return Proof.GIVEN;
    }

    /**
     * @param certificates a client's certificate chain, its own certificate first, not empty
     * @return whether a full handshake would accept it now
     */
    boolean trusts(List<X509Certificate> certificates);
}
