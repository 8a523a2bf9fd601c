package io.github.tlsresumption.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whether a server is who it says: its chain, and the name that it was called by (RFC 6125).
 */
final class ServerTrust
{
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private final X509TrustManager manager;

    private ServerTrust(X509TrustManager manager)
    {
        this.manager = manager;
    }

    /**
     * @param authorities a file of certificates in PEM to trust in place of the JDK's
     * @throws CannotException when they cannot be read
     */
    static ServerTrust of(Optional<Path> authorities)
    {
        try
        {
            KeyStore store = null;
            if (authorities.isPresent())
            {
                store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                try (InputStream in = Files.newInputStream(authorities.get()))
                {
                    for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in))
                    {
                        store.setCertificateEntry("ca-" + store.size(), certificate);
                    }
                }
                if (store.size() == 0)
                {
                    throw new CannotException("--ca " + authorities.get() + ": there is no certificate in that file");
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager trust : factory.getTrustManagers())
            {
                if (trust instanceof X509TrustManager x509)
                {
                    return new ServerTrust(x509);
                }
            }
            throw new CannotException("this JDK has no trust manager for X.509");
        }
        catch (IOException | GeneralSecurityException e)
        {
            throw new CannotException(authorities.map(file -> "--ca " + file + ": no certificates in PEM can be read there: ")
                .orElse("the JDK's authorities cannot be read, name others by --ca: ") + e.getMessage(), e);
        }
    }

    /**
     * @param chain the server's certificates
     * @param name the host or address that it was called by
     * @return what is wrong with them, if anything
     */
    Optional<String> fault(List<X509Certificate> chain, String name)
    {
        X509Certificate own = chain.get(0);
        try
        {
            String key = own.getPublicKey().getAlgorithm().startsWith("EC") ? "ECDHE_ECDSA" : "ECDHE_RSA";
            manager.checkServerTrusted(chain.toArray(X509Certificate[]::new), key);
            List<String> names = names(own, Node.isAddress(name) ? ADDRESS : DNS);
            boolean called = Node.isAddress(name) ? names.stream().anyMatch(address -> isSameAddress(address, name))
                : names.stream().anyMatch(pattern -> matches(pattern, name));
            return called ? Optional.empty() : Optional.of("it is not for " + name);
        }
        catch (CertificateException e)
        {
            Throwable cause = e;
            while (cause.getCause() != null)
            {
                cause = cause.getCause();
            }
            return Optional.of(cause.getMessage());
        }
    }

    private static List<String> names(X509Certificate certificate, int type) throws CertificateException
    {
        List<String> names = new ArrayList<>();
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        for (List<?> alternative : alternatives == null ? List.<List<?>>of() : alternatives)
        {
            if ((Integer)alternative.get(0) == type)
            {
                names.add((String)alternative.get(1));
            }
        }
        return names;
    }

    private static boolean isSameAddress(String one, String other)
    {
        try
        {
            return InetAddress.getByName(one).equals(InetAddress.getByName(other));
        }
        catch (IOException e)
        {
            return false;
        }
    }

    static boolean matches(String pattern, String name)
    {
        String wanted = name.toLowerCase(Locale.ROOT);
        String given = pattern.toLowerCase(Locale.ROOT);
        int dot = wanted.indexOf('.');
        return given.equals(wanted) || given.startsWith("*.") && dot > 0 && given.substring(1).equals(wanted.substring(dot));
    }
}
