package io.github.tlsresumption.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.tlsresumption.crypto.Digests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the client's certificate of a session would be accepted in a full handshake now: RFC 8446 section 4.6.1 leaves it to the
 * server to check that again, and TLS engines do not. An acceptance is remembered for a few minutes, a refusal is not. Thread-safe.
 */
public final class ClientTrust
{
    private static final Logger LOG = LoggerFactory.getLogger(ClientTrust.class);
    private static final Duration REMEMBERED = Duration.ofMinutes(5);
    private static final int MAX_REMEMBERED = 10_000;

    private final X509TrustManager trustManager;
    private final Cache<ByteBuffer, Boolean> accepted =
        Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED).build();

    /**
     * @param trustManagers as given to the context, of which the first that suits is used; null stands for the JDK's own
     * @throws GeneralSecurityException when the JDK's own cannot be had
     */
    public ClientTrust(TrustManager[] trustManagers) throws GeneralSecurityException
    {
        TrustManager[] candidates = trustManagers;
        if (candidates == null)
        {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore)null);
            candidates = factory.getTrustManagers();
        }
        trustManager = Stream.of(candidates)
            .filter(X509TrustManager.class::isInstance)
            .map(X509TrustManager.class::cast)
            .findFirst()
            .orElse(null);
    }

    /**
     * What an application's own trust manager is. It may ask more in a handshake than {@link #trusts} can, so no other context takes its
     * sessions. The JDK's own asks the same in both.
     *
     * @return bytes that are the same for two such managers of one class and one list of accepted issuers; none for the JDK's own
     */
    public List<byte[]> ownManager()
    {
        if (trustManager == null || trustManager.getClass().getModule() == Object.class.getModule())
        {
            return List.of();
        }
        List<byte[]> parts = new ArrayList<>();
        parts.add(trustManager.getClass().getName().getBytes(StandardCharsets.UTF_8));
        X509Certificate[] issuers = trustManager.getAcceptedIssuers();
        if (issuers != null)
        {
            Stream.of(issuers).map(ClientTrust::encoded).sorted(Arrays::compareUnsigned).forEach(parts::add);
        }
        return parts;
    }

    private static byte[] encoded(X509Certificate certificate)
    {
        try
        {
            return certificate.getEncoded();
        }
        catch (CertificateEncodingException e)
        {
            return new byte[0];
        }
    }

    /**
     * @param chain a client's certificate chain, its own first
     * @return whether it is trusted now, in this context
     */
    public boolean trusts(List<X509Certificate> chain)
    {
        try
        {
            byte[][] encoded = new byte[chain.size()][];
            for (int i = 0; i < encoded.length; i++)
            {
                encoded[i] = chain.get(i).getEncoded();
            }
            ByteBuffer key = ByteBuffer.wrap(Digests.sha256("client certificates", encoded));
            if (accepted.getIfPresent(key) != null)
            {
                return true;
            }
            if (trustManager == null)
            {
                return false;
            }
            trustManager.checkClientTrusted(chain.toArray(X509Certificate[]::new), chain.get(0).getPublicKey().getAlgorithm());
            accepted.put(key, Boolean.TRUE);
            return true;
        }
        catch (CertificateException | RuntimeException e)
        {
            LOG.debug("a session's client certificate is not accepted any more", e);
            return false;
        }
    }
}
