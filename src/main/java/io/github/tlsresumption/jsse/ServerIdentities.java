package io.github.tlsresumption.jsse;

import java.security.Principal;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.tlsresumption.engine.ClientTrust;
import io.github.tlsresumption.engine.ContextDigest;

/**
 * As whom a context shows itself to the clients of each host, computed once and kept for a bounded number of hosts. Thread-safe.
 */
final class ServerIdentities
{
    private static final int MAX_IDENTITIES = 1024;

    private final X509ExtendedKeyManager keyManager;
    private final byte[] validation;
    private final ClientTrust clientTrust;
    private final ResumptionSSLContextSpi context;
    private final Cache<IdentityKey, ServerIdentity> identities = Caffeine.newBuilder().maximumSize(MAX_IDENTITIES).build();
    /** Clients can ask for any names, but that makes no more chains than the server has. */
    private final Cache<ChainKey, LocalChain> chains = Caffeine.newBuilder().weakValues().build();

    /**
     * @param keyManager has the certificate chains
     * @param validation stands for the settings by which client certificates are validated
     * @param clientTrust whom the context trusts
     * @param context logs failures
     */
    ServerIdentities(X509ExtendedKeyManager keyManager, byte[] validation, ClientTrust clientTrust, ResumptionSSLContextSpi context)
    {
        this.keyManager = keyManager;
        this.validation = validation;
        this.clientTrust = clientTrust;
        this.context = context;
    }

    /**
     * @param engine asked for its client-auth setting, and shown to the key manager
     * @param serverName the host of the ClientHello, or null
     * @return what binds a session to this context
     */
    ServerIdentity of(SSLEngine engine, String serverName)
    {
        int clientAuth = engine.getNeedClientAuth() ? 2 : engine.getWantClientAuth() ? 1 : 0;
        IdentityKey key = new IdentityKey(serverName == null ? "" : serverName, clientAuth);
        ServerIdentity known = identities.getIfPresent(key);
        if (known != null)
        {
            return known;
        }
        Optional<ServerIdentity> computed = compute(engine);
        computed.ifPresent(identity -> identities.put(key, identity));
        // A digest of its own is that of no ticket.
        return computed.orElseGet(() -> new ServerIdentity(ThreadLocalRandom.current().nextLong(), List.of()));
    }

    /**
     * @return empty when the key manager failed, which it may not do another time
     */
    private Optional<ServerIdentity> compute(SSLEngine engine)
    {
        ContextDigest digest = new ContextDigest(engine.getNeedClientAuth(), engine.getWantClientAuth(), validation, clientTrust);
        List<LocalChain> served = new ArrayList<>();
        for (String keyType : LocalChain.KEY_TYPES)
        {
            try
            {
                String alias = keyManager.chooseEngineServerAlias(keyType, (Principal[])null, engine);
                X509Certificate[] chain = alias == null ? null : keyManager.getCertificateChain(alias);
                if (chain == null || chain.length == 0)
                {
                    continue;
                }
                digest.add(keyType, chain);
                served.add(localChain(keyType, chain));
            }
            catch (CertificateEncodingException | RuntimeException e)
            {
                // A handshake that needs this key will fail by itself.
                context.warn("the key manager failed", e);
                return Optional.empty();
            }
        }
        return Optional.of(new ServerIdentity(digest.value(), List.copyOf(served)));
    }

    private LocalChain localChain(String keyType, X509Certificate[] certificates) throws CertificateEncodingException
    {
        ChainKey key = new ChainKey(keyType, List.of(certificates));
        LocalChain known = chains.getIfPresent(key);
        if (known != null)
        {
            return known;
        }
        LocalChain chain = new LocalChain(keyType, certificates);
        chains.put(key, chain);
        return chain;
    }

    /**
     * What an identity depends on, besides what is fixed in a context.
     */
    private record IdentityKey(String serverName, int clientAuth)
    {
    }

    private record ChainKey(String keyType, List<X509Certificate> certificates)
    {
    }
}
