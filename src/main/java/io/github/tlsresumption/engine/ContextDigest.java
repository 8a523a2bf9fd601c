package io.github.tlsresumption.engine;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import io.github.tlsresumption.crypto.Digests;

/**
 * The digest of what a session is bound to in a context: see {@link TlsHandshake#contextDigest}. Nodes that resume each other's sessions
 * must compute the same digest. Not thread-safe.
 */
public final class ContextDigest
{
    private final List<byte[]> parts = new ArrayList<>();

    /**
     * @param needClientAuth whether a client must show a certificate
     * @param wantClientAuth whether it is asked for one
     * @param validation stands for the settings by which client certificates are validated. The trust anchors are not among them: a
     * client's certificate is validated against them again at each resumption. A Jetty without a trust store takes the certificates of all
     * its hosts for anchors, so the renewal of one would end the sessions of every host
     * @param trust validates client certificates
     */
    public ContextDigest(boolean needClientAuth, boolean wantClientAuth, byte[] validation, ClientTrust trust)
    {
        parts.add(new byte[]{(byte)(needClientAuth ? 2 : wantClientAuth ? 1 : 0)});
        parts.add(validation);
        parts.addAll(trust.ownManager());
    }

    /**
     * Must be called in the same order of key types each time.
     *
     * @param keyType the type of the server's key, as JSSE names it
     * @param chain the certificates that the server shows for it, its own first
     * @throws CertificateEncodingException when one cannot be encoded
     */
    public void add(String keyType, X509Certificate[] chain) throws CertificateEncodingException
    {
        parts.add(keyType.getBytes(StandardCharsets.US_ASCII));
        for (X509Certificate certificate : chain)
        {
            parts.add(certificate.getEncoded());
        }
    }

    /**
     * @return the digest
     */
    public long value()
    {
        return Digests.sha256ToLong("context", parts.toArray(byte[][]::new));
    }
}
