package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static io.github.tlsresumption.it.ModuleBase.set;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * What a client has proven by its certificate is good in a resumed session for as long as, and where, a full handshake would accept
 * it; and what it has not proven is in none.
 */
@StartsProcesses
@OnEachEngine
class ClientAuthIT
{
    private final KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("staff");
    private final KeyMaterial.Client alice = authority.issue("alice");
    private final KeyMaterial.Client bob = authority.issue("bob");

    private static Object client(OpenSsl.Result result)
    {
        return result.reply().status() == 200 ? result.reply().json().get("client") : "no answer";
    }

    private static void assertClient(boolean reused, String name, OpenSsl.Result result)
    {
        assertAll(
            () -> assertEquals(reused, result.reused(), result::output),
            () -> assertEquals(name, client(result), result::output));
    }

    /**
     * Jetty tells of a reload a little before it is in force.
     */
    private static void awaitRefusal(OpenSsl stranger)
    {
        Await.until(Duration.ofSeconds(10), () -> "no answer".equals(client(stranger.copy().connect())), () -> "still accepted");
    }

    /**
     * The second connector needs what the first only wants; they share scope and keys.
     */
    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void aSessionWithoutCertificateIsNotGoodWhereOneIsNeeded(String mode)
    {
        String trustStore = "<Property name=\"jetty.base\"/>/etc/truststore.p12";
        JettyBase base = ModuleBase.probed("need-" + mode, mode, mode)
            .clientAuth(authority, "want")
            .property("jetty.tlsResumption.scope", "shared")
            .connector("needing", ModuleBase.factory(set("mode", mode), set("tls12Mode", mode), set("scope", "shared"),
                set("trustStorePath", trustStore), set("trustStorePassword", KeyMaterial.PASSWORD), set("needClientAuth", "true")));
        try (JettyProcess jetty = base.start())
        {
            for (String protocol : List.of(TLS12, TLS13))
            {
                OpenSsl anonymous = openSsl(jetty, ONE, protocol);
                assertClient(false, null, anonymous.connect());
                assertClient(true, null, anonymous.connect());

                OpenSsl.Result refused = anonymous.at(jetty.port("needing")).connect();
                assertEquals("no answer", client(refused), refused::output);
                assertClient(false, "CN=alice", anonymous.at(jetty.port("needing")).certificate(alice).connect());

                // Not even with a certificate at hand: the session is what it was, until a full handshake.
                assertClient(true, null, anonymous.copy().certificate(alice).connect());
                assertClient(false, "CN=alice", openSsl(jetty, ONE, protocol).certificate(alice).connect());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void aSessionEndsWithTheValidityOfItsCertificate(String mode)
    {
        WallClock clock = WallClock.real();
        try (JettyProcess jetty = ModuleBase.probed("expiry-" + mode, mode, mode).clientAuth(authority, "need").clock(clock).start())
        {
            KeyMaterial.Client guest = authority.issueFor("guest-" + mode, Duration.ofHours(1));
            Instant end = guest.certificate().getNotAfter().toInstant();
            List<OpenSsl> clients =
                Stream.of(TLS12, TLS13).map(protocol -> openSsl(jetty, ONE, protocol).certificate(guest)).toList();
            clients.forEach(client -> assertClient(false, "CN=" + guest.name(), client.connect()));
            List<OpenSsl.Result> resumed = clients.stream().map(OpenSsl::connect).toList();
            for (OpenSsl.Result result : resumed)
            {
                assertClient(true, "CN=" + guest.name(), result);
                assertFalse(Instant.parse((String)result.reply().json().get("deadline")).isAfter(end), result::output);
            }
            clock.moveTo(end.plusSeconds(1));
            for (OpenSsl client : clients)
            {
                OpenSsl.Result after = client.connect();
                assertEquals("no answer", client(after), after::output);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void aSessionWhoseCertificateIsRevokedIsRefusedWithTheNextRevocationList(String mode) throws IOException
    {
        JettyBase base = ModuleBase.probed("crl-" + mode, mode, mode).modules("jmx", "ssl-reload").clientAuth(authority, "want")
            .property("jetty.sslContext.validatePeerCertificates", "true");
        Path list = authority.revoke(base.path().resolve("etc/revoked.crl"));
        base.xml("crl.xml", "<Ref refid=\"sslContextFactory\"><Set name=\"crlPath\">" + list + "</Set></Ref>");
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            List<String> protocols = List.of(TLS12, TLS13);
            List<OpenSsl> good = protocols.stream().map(protocol -> openSsl(jetty, ONE, protocol).certificate(bob)).toList();
            List<OpenSsl> bad = protocols.stream().map(protocol -> openSsl(jetty, ONE, protocol).certificate(alice)).toList();
            List<OpenSsl> anonymous = protocols.stream().map(protocol -> openSsl(jetty, ONE, protocol)).toList();
            Stream.of(good, bad, anonymous).flatMap(List::stream).forEach(OpenSsl::connect);
            good.forEach(client -> assertClient(true, "CN=bob", client.connect()));
            bad.forEach(client -> assertClient(true, "CN=alice", client.connect()));

            Path next = authority.revoke(list.resolveSibling("next.crl"), alice);
            Files.move(next, list, StandardCopyOption.REPLACE_EXISTING);
            jetty.reloadKeyStore();
            awaitRefusal(openSsl(jetty, ONE, TLS13).certificate(alice));

            for (OpenSsl client : bad)
            {
                OpenSsl.Result refused = client.connect();
                assertEquals("no answer", client(refused), refused::output);
            }
            assertEquals(2, jmx.count("refusals", "certificate"));
            good.forEach(client -> assertClient(true, "CN=bob", client.connect()));
            anonymous.forEach(client -> assertClient(true, null, client.connect()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void aSessionWhoseAuthorityHasLeftTheTrustStoreIsRefused(String mode) throws IOException
    {
        KeyMaterial.ClientAuthority partners = KeyMaterial.clientAuthority("partners");
        KeyMaterial.Client carol = partners.issue("carol");
        JettyBase base = ModuleBase.probed("trust-" + mode, mode, mode).modules("ssl-reload").clientAuth(authority, "need");
        Path trustStore = base.path().resolve("etc/truststore.p12");
        Path both = KeyMaterial.trustStore(base.path().resolve("etc/both.p12"), authority, partners);
        Path one = KeyMaterial.trustStore(base.path().resolve("etc/one.p12"), partners);
        Files.move(both, trustStore, StandardCopyOption.REPLACE_EXISTING);
        try (JettyProcess jetty = base.start())
        {
            for (String protocol : List.of(TLS12, TLS13))
            {
                OpenSsl staff = openSsl(jetty, ONE, protocol).certificate(alice);
                OpenSsl partner = openSsl(jetty, ONE, protocol).certificate(carol);
                assertClient(false, "CN=alice", staff.connect());
                assertClient(true, "CN=alice", staff.connect());
                assertClient(false, "CN=carol", partner.connect());
                Path before = Files.copy(trustStore, trustStore.resolveSibling("before.p12"), StandardCopyOption.REPLACE_EXISTING);
                Files.copy(one, trustStore, StandardCopyOption.REPLACE_EXISTING);
                jetty.reloadKeyStore();
                awaitRefusal(openSsl(jetty, ONE, protocol).certificate(alice));

                OpenSsl.Result refused = staff.connect();
                assertEquals("no answer", client(refused), refused::output);
                // Whose authority is still trusted loses nothing.
                assertClient(true, "CN=carol", partner.connect());
                Files.move(before, trustStore, StandardCopyOption.REPLACE_EXISTING);
                jetty.reloadKeyStore();
            }
        }
    }
}
