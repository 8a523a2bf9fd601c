package io.github.tlsresumption.openssl;

import java.io.ByteArrayInputStream;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * The trust manager's say about certificates of clients. Thread-safe as the trust manager is, which may block.
 */
final class ClientCertificates
{
    /** As many bytes of names as fit into a CertificateRequest with room to spare; beyond that, clients are told none. */
    private static final int MAX_AUTHORITY_BYTES = 32 * 1024;
    private static final int CERTIFICATE_REVOKED = 44;
    private static final int CERTIFICATE_UNKNOWN = 46;

    private final X509TrustManager trustManager;

    /**
     * @param trustManagers the first for X.509 is taken, as in JSSE; without one no certificate is accepted
     */
    ClientCertificates(TrustManager[] trustManagers)
    {
        this.trustManager = Arrays.stream(trustManagers)
            .filter(X509TrustManager.class::isInstance)
            .map(X509TrustManager.class::cast)
            .findFirst()
            .orElse(null);
    }

    /**
     * @return the names that clients are told
     */
    List<byte[]> authorities()
    {
        X509Certificate[] issuers = trustManager == null ? new X509Certificate[0] : trustManager.getAcceptedIssuers();
        List<byte[]> names = Arrays.stream(issuers).map(issuer -> issuer.getSubjectX500Principal().getEncoded()).toList();
        return names.stream().mapToInt(name -> name.length + 2).sum() > MAX_AUTHORITY_BYTES ? List.of() : names;
    }

    static List<X509Certificate> parse(List<byte[]> encoded) throws CertificateException
    {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] certificate : encoded)
        {
            certificates.add((X509Certificate)factory.generateCertificate(new ByteArrayInputStream(certificate)));
        }
        return List.copyOf(certificates);
    }

    /**
     * @param chain the client's certificates, its own first
     * @param engine the client's connection
     * @throws CertificateException when the client is not trusted
     */
    void check(List<X509Certificate> chain, SSLEngine engine) throws CertificateException
    {
        if (trustManager == null)
        {
            throw new CertificateException("no trust manager");
        }
        X509Certificate[] certificates = chain.toArray(X509Certificate[]::new);
        String authType = certificates[0].getPublicKey().getAlgorithm();
        if (trustManager instanceof X509ExtendedTrustManager extended)
        {
            extended.checkClientTrusted(certificates, authType, engine);
        }
        else
        {
            trustManager.checkClientTrusted(certificates, authType);
        }
    }

    /**
     * @param refusal what {@link #check} has thrown
     * @return the alert for it (RFC 8446 section 6.2)
     */
    static int alert(Throwable refusal)
    {
        boolean revoked = refusal.getCause() instanceof CertPathValidatorException path && path.getReason() == BasicReason.REVOKED;
        return revoked ? CERTIFICATE_REVOKED : CERTIFICATE_UNKNOWN;
    }
}
