package io.github.tlsresumption.policy;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ClientIdentitiesTest
{
    private final byte[] key = Random.bytes(32);
    private final ClientIdentities identities = new ClientIdentities(() -> key, 32, 64);

    private static Client at(String address, X509Certificate... certificates)
    {
        return new Client("TLSv1.3", Optional.of("one.test"), Optional.ofNullable(address), List.of(certificates));
    }

    private static X509Certificate certificate() throws Exception
    {
        return SelfSignedCertificate.create("client", Clock.systemUTC()).certificate();
    }

    @Test
    void aCertificateNamesItsClientWhereverItIs() throws Exception
    {
        X509Certificate one = certificate();
        X509Certificate other = certificate();
        assertEquals(identities.of(at("192.0.2.1", one)), identities.of(at("192.0.2.2", one, other)));
        assertNotEquals(identities.of(at("192.0.2.1", one)), identities.of(at("192.0.2.1", other)));
        assertNotEquals(identities.of(at("192.0.2.1", one)), identities.of(at("192.0.2.1")));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "2001:db8::1, 2001:db8::ffff:ffff:ffff:ffff, true",
        "2001:db8::1, 2001:db8:0:1::1, false",
        "::ffff:192.0.2.1, 192.0.2.1, true",
        "fe80::1%eth0, fe80::1%eth1, true"})
    void anAddressOrItsNetworkNamesAClientWithoutCertificate(String one, String other, boolean same)
    {
        assertEquals(same, identities.of(at(one)) == identities.of(at(other)));
    }

    @Test
    void prefixesDecideHowMuchOfAnAddressCounts()
    {
        ClientIdentities wide = new ClientIdentities(() -> key, 24, 48);
        assertEquals(wide.of(at("192.0.2.1")), wide.of(at("192.0.2.255")));
        assertNotEquals(wide.of(at("192.0.2.1")), wide.of(at("192.0.3.1")));
        assertEquals(wide.of(at("2001:db8::1")), wide.of(at("2001:db8:0:ffff::1")));
        assertNotEquals(wide.of(at("2001:db8::1")), wide.of(at("2001:db8:1::1")));
        ClientIdentities all = new ClientIdentities(() -> key, 0, 0);
        assertEquals(all.of(at("192.0.2.1")), all.of(at("198.51.100.1")));
        assertNotEquals(all.of(at("0.0.0.0")), all.of(at("::")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "", "unix:/run/jetty.sock"})
    void whatIsNoAddressNamesNobody(String host)
    {
        assertEquals(ClientIdentities.NONE, identities.of(at(host)));
    }

    @Test
    void noAddressNamesNobody()
    {
        assertEquals(ClientIdentities.NONE, identities.of(at(null)));
    }

    @Test
    void anOperatorNamesAClientByAddressOrFingerprint() throws Exception
    {
        X509Certificate certificate = certificate();
        byte[] fingerprint = Digests.fingerprint(certificate.getPublicKey().getEncoded());
        long name = identities.certificate(certificate);
        assertEquals(name, identities.parse("sha256/" + Base64.getEncoder().encodeToString(fingerprint)));
        assertEquals(name, identities.parse("sha256:" + HexFormat.of().formatHex(fingerprint)));
        assertEquals(name, identities.parse("sha256:" + HexFormat.ofDelimiter(":").withUpperCase().formatHex(fingerprint)));
        assertEquals(identities.of(at("192.0.2.1")), identities.parse("192.0.2.1"));
        assertEquals(identities.of(at("2001:db8::1")), identities.parse("2001:db8::2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "alice", "sha256/AAAA", "sha256:00", "sha256", "192.0.2", "192.0.2.1/32"})
    void whatIsNeitherIsRefusedWithWhatToUse(String client)
    {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> identities.parse(client));
        assertTrue(refused.getMessage().contains("use an IP address"), refused.getMessage());
    }

    @Test
    void kindsNeverShareAName()
    {
        Set<Long> names = new HashSet<>();
        names.add(identities.principal("x"));
        names.add(ClientIdentities.ofRule(identities.rule("x")));
        names.add(identities.publicKey(new byte[]{'x'}));
        assertEquals(3, names.size());
        assertEquals(ClientIdentities.NONE, ClientIdentities.ofRule(identities.rule("")));
        assertNotEquals(ClientIdentities.NONE, identities.principal(""));
    }

    @Test
    void namesDependOnTheKeyAndWithoutOneThereAreNone()
    {
        ClientIdentities others = new ClientIdentities(() -> Random.bytes(32), 32, 64);
        assertNotEquals(identities.principal("alice"), others.principal("alice"));
        ClientIdentities without = new ClientIdentities(() -> new byte[0], 32, 64);
        assertEquals(ClientIdentities.NONE, without.principal("alice"));
        assertEquals(ClientIdentities.NONE, without.of(at("192.0.2.1")));
    }

    @Test
    void prefixesOutOfBoundsAreRefusedByTheNameOfTheSetting()
    {
        for (int[] prefixes : new int[][]{{-1, 64}, {33, 64}, {32, -1}, {32, 129}})
        {
            IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new ClientIdentities(() -> key, prefixes[0], prefixes[1]));
            assertTrue(refused.getMessage().startsWith("jetty.tlsResumption.client.ipv"), refused.getMessage());
        }
    }
}
