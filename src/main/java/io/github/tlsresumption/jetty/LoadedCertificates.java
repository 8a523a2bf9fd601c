package io.github.tlsresumption.jetty;

import java.security.Principal;
import java.util.AbstractList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;

import org.eclipse.jetty.util.ssl.SniX509ExtendedKeyManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.ssl.X509;

/**
 * Shows a key manager of Jetty the certificates that were loaded together with its keys. The factory itself clears what it knows of them at
 * the beginning of a reload, while engines of before go on, which would then choose another host's certificate or none; and then fills
 * it with the new ones.
 * <p>
 * All else, and the choice, is the factory's.
 */
public final class LoadedCertificates extends SslContextFactory.Server
{
    private final SslContextFactory.Server factory;
    private final Map<String, X509> certificates = new HashMap<>();

    private LoadedCertificates(SslContextFactory.Server factory)
    {
        this.factory = factory;
        for (String alias : factory.getAliases())
        {
            certificates.put(alias, factory.getX509(alias));
        }
    }

    /**
     * @param keyManager has the keys
     * @param factory has just loaded their certificates
     * @return chooses by the host that the client names
     */
    public static X509ExtendedKeyManager newKeyManager(X509ExtendedKeyManager keyManager, SslContextFactory.Server factory)
    {
        return new SniX509ExtendedKeyManager(keyManager, new LoadedCertificates(factory));
    }

    @Override
    public X509 getX509(String alias)
    {
        return certificates.get(alias);
    }

    @Override
    public SniX509ExtendedKeyManager.SniSelector getSNISelector()
    {
        return factory.getSNISelector();
    }

    @Override
    public String sniSelect(String keyType, Principal[] issuers, SSLSession session, String sniHost, Collection<X509> candidates)
    {
        return factory.sniSelect(keyType, issuers, session, sniHost, new Candidates(List.copyOf(candidates), certificates.values()));
    }

    /**
     * The certificates among which a key manager chooses, of one type of key, and all of the same key store.
     */
    public static final class Candidates extends AbstractList<X509>
    {
        private final List<X509> candidates;
        private final Collection<X509> all;

        private Candidates(List<X509> candidates, Collection<X509> all)
        {
            this.candidates = candidates;
            this.all = all;
        }

        @Override
        public X509 get(int index)
        {
            return candidates.get(index);
        }

        @Override
        public int size()
        {
            return candidates.size();
        }

        /**
         * @param host a host name
         * @return whether one of them is for that host
         */
        public boolean anyMatches(String host)
        {
            return candidates.stream().anyMatch(certificate -> certificate.matches(host));
        }

        /**
         * @param host a host name
         * @return whether any certificate of the key store is for that host, with whatever type of key
         */
        public boolean anyOfKeyStoreMatches(String host)
        {
            return all.stream().anyMatch(certificate -> certificate.matches(host));
        }
    }
}
