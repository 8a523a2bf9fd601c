package io.github.tlsresumption.jetty;

import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;

import io.github.tlsresumption.crypto.Digests;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the settings of one {@link SslContextFactory.Server} to another, so that our factory can take the place of
 * the one that an operator has configured.
 */
public final class FactorySettings
{
    private static final Logger LOG = LoggerFactory.getLogger(FactorySettings.class);

    private FactorySettings()
    {
    }

    /**
     * Copies every setting.
     *
     * @param from a factory that has not been started
     * @param to the factory that gets its settings
     */
    public static void copy(SslContextFactory.Server from, SslContextFactory.Server to)
    {
        to.setProvider(from.getProvider());
        to.setProtocol(from.getProtocol());
        to.setIncludeProtocols(from.getIncludeProtocols());
        to.setExcludeProtocols(from.getExcludeProtocols());
        to.setIncludeCipherSuites(from.getIncludeCipherSuites());
        to.setExcludeCipherSuites(from.getExcludeCipherSuites());
        // In this order, since a comparator turns the use of the order on.
        to.setCipherComparator(from.getCipherComparator());
        to.setUseCipherSuitesOrder(from.isUseCipherSuitesOrder());
        copyStores(from, to);
        to.setCertAlias(from.getCertAlias());
        to.setValidateCerts(from.isValidateCerts());
        to.setValidatePeerCerts(from.isValidatePeerCerts());
        to.setMaxCertPathLength(from.getMaxCertPathLength());
        to.setCrlPath(from.getCrlPath());
        to.setEnableCRLDP(from.isEnableCRLDP());
        to.setEnableOCSP(from.isEnableOCSP());
        to.setOcspResponderURL(from.getOcspResponderURL());
        to.setPkixCertPathChecker(from.getPkixCertPathChecker());
        to.setSecureRandomAlgorithm(from.getSecureRandomAlgorithm());
        to.setKeyManagerFactoryAlgorithm(from.getKeyManagerFactoryAlgorithm());
        to.setTrustManagerFactoryAlgorithm(from.getTrustManagerFactoryAlgorithm());
        to.setRenegotiationAllowed(from.isRenegotiationAllowed());
        to.setRenegotiationLimit(from.getRenegotiationLimit());
        to.setSessionCachingEnabled(from.isSessionCachingEnabled());
        to.setSslSessionCacheSize(from.getSslSessionCacheSize());
        to.setSslSessionTimeout(from.getSslSessionTimeout());
        to.setHostnameVerifier(from.getHostnameVerifier());
        to.setNeedClientAuth(from.getNeedClientAuth());
        to.setWantClientAuth(from.getWantClientAuth());
        to.setSniRequired(from.isSniRequired());
        to.setSNISelector(from.getSNISelector());
        // Last, since trusting everybody resets the endpoint identification.
        to.setTrustAll(from.isTrustAll());
        to.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
        to.setSslContext(from.getSslContext());
    }

    /**
     * @param factory a factory
     * @return 32 bytes that stand for all settings by which it validates client certificates, but for its trust anchors
     * and what is in the revocation list, against which a session's certificate is checked again
     */
    public static byte[] validationDigest(SslContextFactory.Server factory)
    {
        String settings = String.join("\n",
            String.valueOf(factory.isTrustAll()),
            String.valueOf(factory.isValidatePeerCerts()),
            String.valueOf(factory.getMaxCertPathLength()),
            String.valueOf(factory.getCrlPath()),
            String.valueOf(factory.isEnableCRLDP()),
            String.valueOf(factory.isEnableOCSP()),
            String.valueOf(factory.getOcspResponderURL()),
            String.valueOf(factory.getTrustManagerFactoryAlgorithm()),
            factory.getPkixCertPathChecker() == null ? "" : factory.getPkixCertPathChecker().getClass().getName());
        return Digests.sha256("validation", settings.getBytes(StandardCharsets.UTF_8));
    }

    private static void copyStores(SslContextFactory.Server from, SslContextFactory.Server to)
    {
        to.setKeyStoreResource(from.getKeyStoreResource());
        to.setKeyStoreType(from.getKeyStoreType());
        to.setKeyStoreProvider(from.getKeyStoreProvider());
        if (from.getKeyStorePassword() != null)
        {
            to.setKeyStorePassword(from.getKeyStorePassword());
        }
        if (from.getKeyManagerPassword() != null)
        {
            to.setKeyManagerPassword(from.getKeyManagerPassword());
        }
        to.setTrustStoreResource(from.getTrustStoreResource());
        to.setTrustStoreType(from.getTrustStoreType());
        to.setTrustStoreProvider(from.getTrustStoreProvider());
        String trustStorePassword = trustStorePassword(from);
        if (trustStorePassword != null)
        {
            to.setTrustStorePassword(trustStorePassword);
        }
        to.setKeyStore(from.getKeyStore());
        to.setTrustStore(from.getTrustStore());
    }

    /**
     * The one setting that Jetty lets nobody read. Where it is closed to us, as under JPMS, it is left out here,
     * and etc/tls-resumption.xml sets it from its property.
     */
    private static String trustStorePassword(SslContextFactory.Server from)
    {
        try
        {
            Field field = SslContextFactory.class.getDeclaredField("_trustStoreCredential");
            field.setAccessible(true);
            Object credential = field.get(from);
            return credential == null ? null : credential.toString();
        }
        catch (ReflectiveOperationException | RuntimeException e)
        {
            LOG.debug("The trust store's password is not to be read", e);
            return null;
        }
    }
}
