package io.github.tlsresumption.jsse;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.crypto.TestAuthority;
import io.github.tlsresumption.jsse.Peers.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The renewal of one host's certificate in a key store of several, with the trust managers that Jetty makes when no trust store is set: the
 * key store is the trust store, and the JDK takes the first certificate of every key in it for an anchor.
 */
class CertificateRenewalTest
{
    private static final String ONE = "one.test";
    private static final String TWO = "two.test";
    private static final String CLIENT = "client";
    private static final char[] PASSWORD = "only-for-tests".toCharArray();

    @TempDir
    private Path directory;
    private final ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
    private TestAuthority hosts;
    private TestAuthority clients;
    private KeyStore store;
    private KeyStore clientKeys;

    @BeforeEach
    void makeKeys() throws Exception
    {
        hosts = new TestAuthority("hosts");
        clients = new TestAuthority("clients");
        store = newStore();
        hosts.issue(store, ONE, ONE, PASSWORD);
        hosts.issue(store, TWO, TWO, PASSWORD);
        store.setCertificateEntry("clients", clients.certificate());
        clientKeys = newStore();
        clients.issue(clientKeys, CLIENT, CLIENT, PASSWORD);
        write();
        factory.setKeyStorePath(directory.resolve("keystore.p12").toString());
        factory.setKeyStorePassword(new String(PASSWORD));
        factory.setMode("ticket");
        factory.setTls12Mode("ticket");
    }

    @AfterEach
    void stop() throws Exception
    {
        factory.stop();
    }

    private static KeyStore newStore() throws GeneralSecurityException, IOException
    {
        KeyStore empty = KeyStore.getInstance("PKCS12");
        empty.load(null, null);
        return empty;
    }

    private void write() throws GeneralSecurityException, IOException
    {
        Path next = directory.resolve("next.p12");
        try (OutputStream out = Files.newOutputStream(next))
        {
            store.store(out, PASSWORD);
        }
        Files.move(next, directory.resolve("keystore.p12"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void reload() throws Exception
    {
        write();
        factory.reload(same ->
        {
        });
    }

    private void start(String clientAuth) throws Exception
    {
        factory.setWantClientAuth("want".equals(clientAuth));
        factory.setNeedClientAuth("need".equals(clientAuth));
        factory.start();
    }

    private SSLContext client(boolean certified) throws GeneralSecurityException
    {
        if (!certified)
        {
            return Peers.client();
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(clientKeys, PASSWORD);
        return Peers.client(managers.getKeyManagers());
    }

    private Connection connect(SSLContext client, String protocol, String host) throws SSLException
    {
        return Peers.connect(factory.newSSLEngine("192.0.2.1", 49152), client, protocol, host);
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,off,false", "TLSv1.3,want,false", "TLSv1.3,want,true", "TLSv1.3,need,true",
        "TLSv1.2,off,false", "TLSv1.2,want,false", "TLSv1.2,want,true", "TLSv1.2,need,true"})
    void onlyTheSessionsOfTheRenewedHostEnd(String protocol, String clientAuth, boolean certified) throws Exception
    {
        start(clientAuth);
        SSLContext client = client(certified);
        assertFalse(connect(client, protocol, ONE).resumed());
        assertFalse(connect(client, protocol, TWO).resumed());

        hosts.issue(store, ONE, ONE, PASSWORD);
        reload();

        Connection other = connect(client, protocol, TWO);
        assertTrue(other.resumed());
        if (certified)
        {
            assertEquals(clientKeys.getCertificate(CLIENT), other.server().getSession().getPeerCertificates()[0]);
        }
        assertFalse(connect(client, protocol, ONE).resumed());
        assertEquals(Map.of("wrong-context", 1L), refusals());
        assertTrue(connect(client, protocol, ONE).resumed());
        assertTrue(connect(client, protocol, TWO).resumed());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,want,false", "TLSv1.3,need,true", "TLSv1.2,want,false", "TLSv1.2,need,true"})
    void aHostThatComesOrGoesEndsNoOthersSessions(String protocol, String clientAuth, boolean certified) throws Exception
    {
        start(clientAuth);
        SSLContext client = client(certified);
        connect(client, protocol, TWO);
        hosts.issue(store, "three.test", "three.test", PASSWORD);
        reload();
        assertTrue(connect(client, protocol, TWO).resumed());
        store.deleteEntry("three.test");
        store.setCertificateEntry("others", new TestAuthority("others").certificate());
        reload();
        assertTrue(connect(client, protocol, TWO).resumed());
        assertEquals(Map.of(), refusals());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void whoseAuthorityIsGoneIsNotResumed(String protocol) throws Exception
    {
        start("want");
        SSLContext client = client(true);
        connect(client, protocol, TWO);
        store.deleteEntry("clients");
        reload();
        // The JDK's client shows its certificate only to who lists its issuer.
        Connection full = connect(client, protocol, TWO);
        assertFalse(full.resumed());
        assertThrows(SSLException.class, full.server().getSession()::getPeerCertificates);
        assertEquals(Map.of("certificate", 1L), refusals());
    }

    @Test
    void anAuthorityWithANewCertificateForItsKeyIsTheSame() throws Exception
    {
        start("need");
        SSLContext client = client(true);
        connect(client, "TLSv1.3", TWO);
        store.setCertificateEntry("clients", clients.renewed().certificate());
        reload();
        assertTrue(connect(client, "TLSv1.3", TWO).resumed());
    }

    private Map<String, Long> refusals()
    {
        Map<String, Long> counted = new TreeMap<>(factory.getRefusals());
        counted.values().removeIf(count -> count == 0);
        return counted;
    }
}
