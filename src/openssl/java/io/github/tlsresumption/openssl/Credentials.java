package io.github.tlsresumption.openssl;

import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;

import io.github.tlsresumption.engine.ContextDigest;

/**
 * Chooses a server's certificate for a ClientHello, by the key manager's rules. Those that were chosen last stay with the library; a key
 * manager may make new ones at any time. Thread-safe.
 */
final class Credentials
{
    /** More than a server has; each is a few KB. */
    private static final int MAX_KEPT = 1000;
    private static final List<String> KEY_TYPES = List.of("EC", "EdDSA", "RSA");
    /** Types that SunJSSE uses, and no library of ours. */
    private static final List<String> OTHER_KEY_TYPES = List.of("RSASSA-PSS", "DSA");

    private final LibSsl lib;
    private final LiveObjects live;
    private final X509KeyManager keyManager;
    /** Guarded by this; the least recently used first. */
    private final Map<Source, Credential> kept = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;
    /** What connections show that are given no other; owned until this is closed. */
    private Optional<Credential> byDefault = Optional.empty();

    /**
     * @param lib the library
     * @param live counts what exists
     * @param keyManagers the first for X.509 is taken, as in JSSE; without one there are no certificates
     */
    Credentials(LibSsl lib, LiveObjects live, KeyManager[] keyManagers)
    {
        this.lib = lib;
        this.live = live;
        this.keyManager = Arrays.stream(keyManagers)
            .filter(X509KeyManager.class::isInstance)
            .map(X509KeyManager.class::cast)
            .findFirst()
            .orElse(null);
    }

    /**
     * Hands the library all keys that the key manager tells of, so that one which it does not take is found now, and not by a client that
     * gets another. The first of them is the default. To be called once, before anything else.
     *
     * @throws TlsLibraryException when there is one; it names the alias
     */
    void load()
    {
        for (String keyType : OTHER_KEY_TYPES)
        {
            if (aliases(keyType).length > 0)
            {
                throw new TlsLibraryException(("the key with the alias %s is of the type %s, which native TLS does not take: use RSA, EC "
                    + "or Ed25519, or the engine jdk").formatted(aliases(keyType)[0], keyType));
            }
        }
        for (String keyType : KEY_TYPES)
        {
            for (String alias : aliases(keyType))
            {
                try
                {
                    find(alias).ifPresent(this::loaded);
                }
                catch (TlsLibraryException e)
                {
                    throw new TlsLibraryException("the key with the alias " + alias + " cannot be used: " + e.getMessage(), e);
                }
            }
        }
    }

    private void loaded(Credential credential)
    {
        if (byDefault.isEmpty() && credential.signer().isEmpty())
        {
            byDefault = Optional.of(credential);
        }
        else
        {
            credential.release();
        }
    }

    /**
     * Most connections show the same certificate, which takes the library time to be told for each of them.
     *
     * @param context one without connections; they show the default
     * @throws TlsLibraryException when the library refuses that
     */
    void showDefault(long context)
    {
        byDefault.ifPresent(credential -> credential.showByDefault(context));
    }

    /**
     * @param credential is owned by the caller
     * @param connection one of a context that shows the default; chooses its certificate
     */
    void show(Credential credential, long connection)
    {
        if (byDefault.filter(one -> one == credential).isEmpty())
        {
            credential.show(connection);
        }
    }

    private String[] aliases(String keyType)
    {
        String[] aliases = keyManager == null ? null : keyManager.getServerAliases(keyType, null);
        return aliases == null ? new String[0] : aliases;
    }

    /**
     * @param engine asks; its handshake session knows the host of the ClientHello
     * @param hello the ClientHello
     * @param tls13 whether TLS 1.3 will be chosen
     * @param suites the cipher suites of TLS 1.2 that may be chosen
     * @return a credential that the caller owns, or empty when the key manager has none for this client
     */
    Optional<Credential> choose(SSLEngine engine, ClientHello hello, boolean tls13, List<CipherSuite> suites)
    {
        List<SignatureScheme> schemes = SignatureScheme.forClient(hello, tls13);
        Set<String> asked = new HashSet<>();
        for (SignatureScheme preferred : schemes)
        {
            String keyType = preferred.keyType();
            if (!asked.add(keyType) || !tls13 && !offers(hello, suites, keyType))
            {
                continue;
            }
            String alias = keyManager == null ? null : alias(engine, keyType);
            Optional<Credential> found = alias == null ? Optional.empty() : find(alias);
            if (found.isPresent())
            {
                X509Certificate certificate = found.get().chain().get(0);
                if (fits(schemes, certificate.getPublicKey(), tls13))
                {
                    return found;
                }
                found.get().release();
            }
        }
        return Optional.empty();
    }

    private static boolean fits(List<SignatureScheme> schemes, PublicKey key, boolean tls13)
    {
        for (SignatureScheme scheme : schemes)
        {
            if (scheme.fits(key, tls13))
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @param digest gets all chains that a client of this host may see
     * @param engine asks; its handshake session knows the host of the ClientHello
     * @throws CertificateEncodingException when one cannot be encoded
     */
    void addTo(ContextDigest digest, SSLEngine engine) throws CertificateEncodingException
    {
        for (String keyType : KEY_TYPES)
        {
            String alias = keyManager == null ? null : alias(engine, keyType);
            X509Certificate[] chain = alias == null ? null : keyManager.getCertificateChain(alias);
            if (chain != null && chain.length > 0)
            {
                digest.add(keyType, chain);
            }
        }
    }

    private static boolean offers(ClientHello hello, List<CipherSuite> suites, String keyType)
    {
        for (CipherSuite suite : suites)
        {
            if (suite.isFor(keyType) && hello.offersSuite(suite.number()))
            {
                return true;
            }
        }
        return false;
    }

    private String alias(SSLEngine engine, String keyType)
    {
        return keyManager instanceof X509ExtendedKeyManager extended
            ? extended.chooseEngineServerAlias(keyType, (Principal[])null, engine)
            : keyManager.chooseServerAlias(keyType, null, null);
    }

    private Optional<Credential> find(String alias)
    {
        X509Certificate[] chain = keyManager.getCertificateChain(alias);
        PrivateKey key = keyManager.getPrivateKey(alias);
        return chain == null || chain.length == 0 || key == null
            ? Optional.empty()
            : Optional.of(find(new Source(List.of(chain), key)));
    }

    private synchronized Credential find(Source source)
    {
        if (closed)
        {
            // A connection that had begun before.
            return Credential.create(lib, live, source.chain(), source.key());
        }
        Credential credential = kept.get(source);
        if (credential == null)
        {
            credential = Credential.create(lib, live, source.chain(), source.key());
            kept.put(source, credential);
            if (kept.size() > MAX_KEPT)
            {
                Source eldest = kept.keySet().iterator().next();
                kept.remove(eldest).release();
            }
        }
        if (!credential.acquire())
        {
            throw new IllegalStateException("a credential that is kept was freed");
        }
        return credential;
    }

    /**
     * Frees what is kept and keeps nothing any more; connections that show it keep it alive.
     */
    synchronized void close()
    {
        closed = true;
        List<Credential> all = new ArrayList<>(kept.values());
        kept.clear();
        all.forEach(Credential::release);
        byDefault.ifPresent(Credential::release);
    }

    private record Source(List<X509Certificate> chain, PrivateKey key)
    {
        @Override
        public boolean equals(Object other)
        {
            // Keys in tokens may not compare themselves.
            return other instanceof Source that && chain.equals(that.chain) && (key == that.key || key.equals(that.key));
        }

        @Override
        public int hashCode()
        {
            return chain.get(0).hashCode();
        }
    }
}
