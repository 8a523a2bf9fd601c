package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.cluster.redis.RedisServer;
import io.github.tlsresumption.crypto.TestAuthority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The certificate of one of two hosts in a key store is renewed while Jetty runs, as programs do that renew certificates. There is no trust
 * store, so Jetty takes the key store for one. Only the sessions of the renewed host end.
 */
@StartsProcesses
@OnEachEngine
class CertificateRenewalIT
{
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String KEY_STORE = "keystore.p12";
    private static final char[] PASSWORD = KeyMaterial.PASSWORD.toCharArray();

    private final KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("renewal");
    private final KeyMaterial.Client alice = authority.issue("alice");
    private final TestAuthority hosts;
    private final KeyStore store;

    CertificateRenewalIT() throws GeneralSecurityException, IOException
    {
        hosts = new TestAuthority("hosts");
        store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        hosts.issue(store, ONE, ONE, PASSWORD);
        hosts.issue(store, TWO, TWO, PASSWORD);
        store.setCertificateEntry(authority.name(), KeyStores.load(authority.trustStore()).getCertificate(authority.name()));
    }

    /**
     * How a new key store comes to its place.
     */
    private enum Way
    {
        /** A new file takes the place of the old one. */
        RENAME
        {
            @Override
            void put(Path etc, Path made) throws IOException
            {
                Path next = Files.copy(made, etc.resolve("next.p12"), StandardCopyOption.REPLACE_EXISTING);
                Files.move(next, etc.resolve(KEY_STORE), StandardCopyOption.ATOMIC_MOVE);
            }
        },
        /** The key store is a link, which gets another target, as certbot does it. */
        LINK
        {
            @Override
            void put(Path etc, Path made) throws IOException
            {
                link(etc, etc.resolve(KEY_STORE), made);
            }
        },
        /** The key store is a link to a file in a directory that is a link, which gets another target, as Kubernetes does it. */
        LINKED_DIRECTORY
        {
            @Override
            void put(Path etc, Path made) throws IOException
            {
                Path version = Files.createTempDirectory(etc, "..version");
                Files.copy(made, version.resolve(KEY_STORE));
                link(etc, etc.resolve("..data"), version);
                if (!Files.isSymbolicLink(etc.resolve(KEY_STORE)))
                {
                    link(etc, etc.resolve(KEY_STORE), Path.of("..data", KEY_STORE));
                }
            }
        };

        abstract void put(Path etc, Path made) throws IOException;

        private static void link(Path etc, Path link, Path target) throws IOException
        {
            Path next = etc.resolve("next.link");
            Files.createSymbolicLink(next, target);
            Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void put(Way way, JettyBase base) throws IOException, GeneralSecurityException
    {
        Path etc = Files.createDirectories(base.path().resolve("etc"));
        Path made = Files.createTempFile(Files.createDirectories(base.path().resolve("made")), "store", ".p12");
        try (OutputStream out = Files.newOutputStream(made))
        {
            store.store(out, PASSWORD);
        }
        way.put(etc, made);
    }

    private JettyBase base(String name, String clientAuth)
    {
        JettyBase base = ModuleBase.probed("renewal-" + name + "-" + clientAuth, "ticket", "ticket").modules("jmx", "ssl-reload");
        return clientAuth.equals("off") ? base : base.property("jetty.sslContext." + clientAuth + "ClientAuth", "true");
    }

    private List<OpenSsl> clients(JettyProcess jetty, String host, String clientAuth)
    {
        List<OpenSsl> clients = new ArrayList<>();
        for (String protocol : List.of(TLS12, TLS13))
        {
            if (!clientAuth.equals("off"))
            {
                clients.add(openSsl(jetty, host, protocol).certificate(alice));
            }
            if (!clientAuth.equals("need"))
            {
                clients.add(openSsl(jetty, host, protocol));
            }
        }
        clients.forEach(client -> assertFull(client.connect()));
        clients.forEach(client -> assertResumed(client.connect()));
        return clients;
    }

    private static void assertFull(OpenSsl.Result result)
    {
        assertFalse(result.reused(), result::output);
        assertEquals(200, result.reply().status(), result::output);
    }

    private static void assertResumed(OpenSsl.Result result)
    {
        assertTrue(result.reused(), result::output);
        assertEquals(200, result.reply().status(), result::output);
    }

    /**
     * Jetty tells of a reload a little before it is in force.
     */
    private static void awaitRenewal(OpenSsl client)
    {
        Await.until(LIMIT, () -> !client.copy().connect().reused(), () -> "the old certificate is still in force");
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "want", "need"})
    void onlyTheSessionsOfTheRenewedHostEnd(String clientAuth) throws IOException, GeneralSecurityException
    {
        JettyBase base = base("ways", clientAuth);
        put(Way.LINKED_DIRECTORY, base);
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            List<OpenSsl> stay = clients(jetty, TWO, clientAuth);
            for (Way way : List.of(Way.LINKED_DIRECTORY, Way.LINK, Way.RENAME))
            {
                List<OpenSsl> renewed = clients(jetty, ONE, clientAuth);
                hosts.issue(store, ONE, ONE, PASSWORD);
                put(way, base);
                awaitRenewal(renewed.get(0));
                Map<String, Long> before = jmx.counts("refusals");
                for (OpenSsl client : stay)
                {
                    assertResumed(client.connect());
                }
                assertEquals(before, jmx.counts("refusals"), way::toString);
                for (OpenSsl client : renewed)
                {
                    assertFull(client.connect());
                    assertResumed(client.connect());
                }
            }
        }
    }

    /**
     * Nodes are not reloaded in one moment.
     */
    @Test
    void whileOneNodeHasTheNewCertificateTheOtherHostsSessionsAreGoodOnBoth() throws IOException, GeneralSecurityException
    {
        JettyBase base = base("cluster", "need");
        JettyBase second = base.twin().property("jetty.tlsResumption.ticketKeyFile", base.path().resolve(ModuleBase.KEY_FILE).toString());
        assertOtherHostsSessionsAreGoodOnBoth(base, second);
    }

    /**
     * The same in mode {@code cache}, whose session keys the nodes share.
     */
    @Test
    void whileOneNodeHasTheNewCertificateTheOtherHostsSessionsInRedisAreGoodOnBoth() throws IOException, GeneralSecurityException
    {
        try (RedisServer redis = RedisServer.start())
        {
            JettyBase base = base("redis", "need").modules("tls-resumption-redis")
                .property("jetty.tlsResumption.mode", "cache")
                .property("jetty.tlsResumption.tls12Mode", "cache")
                .property("jetty.tlsResumption.ticketKeyPassphrase", "correct horse")
                .property("jetty.tlsResumption.redis.uri", redis.uri())
                // This is not about slow engines, and the machine is busy with starting servers.
                .property("jetty.tlsResumption.redis.timeout", "5000");
            assertOtherHostsSessionsAreGoodOnBoth(base, base.twin());
        }
    }

    private void assertOtherHostsSessionsAreGoodOnBoth(JettyBase base, JettyBase second) throws IOException, GeneralSecurityException
    {
        put(Way.RENAME, base);
        put(Way.RENAME, second);
        try (JettyProcess one = base.property("jetty.tlsResumption.scope", "nodes").start();
            JettyProcess two = second.property("jetty.tlsResumption.scope", "nodes").start())
        {
            List<OpenSsl> stay = clients(one, TWO, "need");
            List<OpenSsl> elsewhere = clients(two, TWO, "need");
            List<OpenSsl> renewed = clients(one, ONE, "need");
            renewed.forEach(client -> assertResumed(client.at(two.port()).connect()));

            hosts.issue(store, ONE, ONE, PASSWORD);
            put(Way.RENAME, base);
            awaitRenewal(renewed.get(0));
            stay.forEach(client -> assertResumed(client.at(two.port()).connect()));
            elsewhere.forEach(client -> assertResumed(client.at(one.port()).connect()));
            // A session ends where the certificate is another than where it was established.
            renewed.forEach(client -> assertResumed(client.at(two.port()).connect()));
            renewed.forEach(client -> assertFull(client.connect()));
            renewed.forEach(client -> assertFull(client.at(two.port()).connect()));

            put(Way.RENAME, second);
            // What was established on the first node since its reload is good here from now on.
            Await.until(LIMIT, () -> renewed.get(0).at(two.port()).connect().reused(), () -> "the second node has the old certificate");
            stay.forEach(client -> assertResumed(client.at(two.port()).connect()));
            renewed.forEach(client -> assertResumed(client.at(two.port()).connect()));
        }
    }
}
