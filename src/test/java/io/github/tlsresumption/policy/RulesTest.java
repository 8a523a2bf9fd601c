package io.github.tlsresumption.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.crypto.Digests;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RulesTest
{
    private static final String SOURCE = "etc/rules.conf";
    private static final ConnectorTerms DEFAULTS = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, Duration.ofDays(1));
    private static final Client STRANGER = new Client("TLSv1.3", Optional.empty(), Optional.empty(), List.of());
    private static final X509Certificate ALICE = Certificates.of("CN=Alice, O=Example", "CN=Users, O=Example",
        new GeneralName(GeneralName.rfc822Name, "Alice@Example.com"),
        new GeneralName(GeneralName.dNSName, "Alice.Device.Example.com"),
        new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example.com/alice"),
        new GeneralName(GeneralName.iPAddress, "192.0.2.7"),
        new GeneralName(GeneralName.iPAddress, "2001:db8::7"));
    private static final X509Certificate USERS = Certificates.of("CN=Users, O=Example", "CN=Root, O=Example");
    private static final X509Certificate STRAY = Certificates.of("CN=Stray", "CN=Admins");
    private static final X509Certificate PLAIN = Certificates.of("CN=Plain", "CN=Plain");
    private static final byte[] KEY = Digests.fingerprint(ALICE.getPublicKey().getEncoded());

    /** All that the grammar has. */
    private static final String EXAMPLE = """
        # NAME        CONDITIONS                                    TERMS
        admins        certificate.issuer="CN=Admins, O=Example"     mode=cache maxDuration=600
        pinned        certificate.spki=sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,sha256:%s \\
                      mode=cache maxDuration=30m singleUse=true
        devices       certificate.san=dns:*.device.example.com,email:a@b,uri:urn:x,ip:::1  mode=ticket maxDuration=1d

        branch        network=10.0.0.0/8,2001:db8::/32              maxDuration=8h    # the offices
        payments      host=*.pay.example.com,pay.example.com,none   mode=cache \\
                      maxDuration=300s singleUse=true
        old           protocol=TLSv1.2 certificate=any certificate.subject="CN=a\\;b" mode=off
        everybody                                                   maxDuration=3600
        """.formatted("ab:".repeat(31) + "ab");

    private static Rules parse(String text)
    {
        return Rules.parse(SOURCE, text, DEFAULTS);
    }

    private static String refusal(String text)
    {
        return assertThrows(RulesException.class, () -> parse(text)).getMessage();
    }

    private static void refused(String text, int line, String message)
    {
        RulesException refusal = assertThrows(RulesException.class, () -> parse(text));
        String expected = SOURCE + ":" + line + ": " + message;
        assertTrue(refusal.getMessage().startsWith(expected), refusal.getMessage());
        assertEquals(line, refusal.line());
    }

    @ParameterizedTest
    @ValueSource(strings = {"www.example.com", "WWW.EXAMPLE.COM", "\uff57\uff57\uff57.example.com", "www\u3002example\uff0ecom"})
    void aHostIsTheSameInEverySpelling(String spelling)
    {
        assertTrue(matches("host=www.example.com", to(spelling)));
        assertTrue(matches("host=WWW.Example.com", to(spelling)));
        assertTrue(matches("host=*.example.com", to(spelling)));
        assertTrue(matches("host=XN--BCHER-KVA.example", to("B\u00dccher.example")));
        assertFalse(matches("host=none", to(spelling)));
    }

    private static boolean matches(String conditions, Client client)
    {
        return parse("rule " + conditions).terms(client).rule().equals("rule");
    }

    private static Client from(String address)
    {
        return new Client("TLSv1.3", Optional.empty(), Optional.of(address), List.of());
    }

    private static Client to(String host)
    {
        return new Client("TLSv1.3", Optional.of(host), Optional.empty(), List.of());
    }

    private static Client with(X509Certificate... chain)
    {
        return new Client("TLSv1.3", Optional.empty(), Optional.empty(), List.of(chain));
    }

    private static Client over(String protocol)
    {
        return new Client(protocol, Optional.empty(), Optional.empty(), List.of());
    }

    @Test
    void theFirstRuleThatMatchesGivesItsTermsUnderItsName()
    {
        Rules rules = parse("a network=10.1.0.0/16 mode=off\nb network=10.0.0.0/8 mode=cache maxDuration=60 singleUse=true\n"
            + "c maxDuration=90");
        assertEquals(new SessionTerms(ResumptionMode.OFF, Duration.ofDays(1), false, "a"), rules.terms(from("10.1.2.3")));
        assertEquals(new SessionTerms(ResumptionMode.CACHE, Duration.ofSeconds(60), true, "b"), rules.terms(from("10.2.2.3")));
        assertEquals(new SessionTerms(ResumptionMode.TICKET, Duration.ofSeconds(90), false, "c"), rules.terms(from("11.2.2.3")));
        assertEquals(List.of("a", "b", "c"), rules.names());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,TICKET", "TLSv1.2,CACHE", "TLSv1.1,CACHE", "'',CACHE"})
    void whatARuleDoesNotSayIsTheConnectorsForThatProtocol(String protocol, ResumptionMode mode)
    {
        assertEquals(new SessionTerms(mode, Duration.ofDays(1), false, "a"), parse("a").terms(over(protocol)));
        assertEquals(ResumptionMode.OFF, parse("a mode=off").terms(over(protocol)).mode());
    }

    @Test
    void aClientThatNoRuleMatchesHasTheConnectorsTerms()
    {
        assertEquals(DEFAULTS.terms(STRANGER), parse("a certificate=any mode=off").terms(STRANGER));
        assertEquals(DEFAULTS.terms(STRANGER), parse("").terms(STRANGER));
        assertEquals("", parse("").terms(STRANGER).rule());
    }

    @Test
    void everyConditionOfARuleMustHold()
    {
        String rule = "network=10.0.0.0/8 host=a.example protocol=TLSv1.2";
        Optional<String> host = Optional.of("a.example");
        Optional<String> address = Optional.of("10.0.0.1");
        assertTrue(matches(rule, new Client("TLSv1.2", host, address, List.of())));
        assertFalse(matches(rule, new Client("TLSv1.3", host, address, List.of())));
        assertFalse(matches(rule, new Client("TLSv1.2", Optional.of("b.example"), address, List.of())));
        assertFalse(matches(rule, new Client("TLSv1.2", host, Optional.of("11.0.0.1"), List.of())));
    }

    @Test
    void termsAndConditionsMayStandInAnyOrder()
    {
        assertEquals("a", parse("a maxDuration=60 network=10.0.0.0/8 mode=off").terms(from("10.0.0.1")).rule());
    }

    @Test
    void aCertificateIsThereOrNot()
    {
        assertTrue(matches("certificate=any", with(PLAIN)));
        assertFalse(matches("certificate=any", STRANGER));
        assertTrue(matches("certificate=none", STRANGER));
        assertFalse(matches("certificate=none", with(PLAIN)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "CN=Alice, O=Example|true", "CN=Alice,O=Example|true", "cn=alice,   o=EXAMPLE|true", "2.5.4.3=Alice, O=Example|true",
        "CN=Alice|false", "O=Example, CN=Alice|false", "CN=Alice, O=Example, C=DE|false", "CN=Users, O=Example|false"})
    void aSubjectIsTheWholeNameInItsOrderButNotItsSpelling(String name, boolean expected)
    {
        assertEquals(expected, matches("certificate.subject=\"" + name + "\"", with(ALICE, USERS)));
        assertFalse(matches("certificate.subject=\"" + name + "\"", STRANGER));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "CN=Users, O=Example|true", "cn=users,o=example|true", "CN=Root, O=Example|false",
        "CN=Alice, O=Example|false", "CN=Users|false", "CN=Admins|false"})
    void anIssuerIsThatOfTheClientsOwnCertificate(String name, boolean expected)
    {
        // What follows was not proven: a client may send what it likes behind a certificate that is trusted.
        assertEquals(expected, matches("certificate.issuer=\"" + name + "\"", with(ALICE, USERS, STRAY)));
        assertFalse(matches("certificate.issuer=\"" + name + "\"", STRANGER));
    }

    @ParameterizedTest
    @CsvSource({
        "dns:alice.device.example.com,true", "dns:ALICE.device.example.COM,true", "dns:*.device.example.com,true",
        "dns:*.example.com,false", "dns:*.alice.device.example.com,false", "dns:device.example.com,false",
        "dns:bob.device.example.com,false",
        "email:Alice@example.com,true", "email:Alice@EXAMPLE.COM,true", "email:alice@example.com,false", "email:Alice@example.org,false",
        "email:xAlice@example.com,false",
        "uri:spiffe://example.com/alice,true", "uri:spiffe://example.com/Alice,false", "uri:spiffe://example.com/alic,false",
        "ip:192.0.2.7,true", "ip:192.0.2.8,false", "ip:2001:DB8:0::7,true", "ip:2001:db8::8,false", "ip:::ffff:192.0.2.7,true",
        "'dns:x.example,ip:192.0.2.7',true", "'dns:x.example,ip:192.0.2.8',false"})
    void anAlternativeNameIsComparedByItsType(String value, boolean expected)
    {
        assertEquals(expected, matches("certificate.san=" + value, with(ALICE, USERS)));
        assertFalse(matches("certificate.san=" + value, with(PLAIN, ALICE)));
        assertFalse(matches("certificate.san=" + value, STRANGER));
    }

    @Test
    void aWildcardInACertificateStandsForNothingElse()
    {
        X509Certificate wildcard = Certificates.of("CN=a", "CN=a", new GeneralName(GeneralName.dNSName, "*.example.com"));
        assertFalse(matches("certificate.san=dns:www.example.com", with(wildcard)));
    }

    @Test
    void alternativeNamesThatCannotBeParsedMatchNothing()
    {
        X509Certificate broken = Certificates.withBrokenAlternativeNames("CN=a", "CN=b");
        assertFalse(matches("certificate.san=dns:*.example.com,ip:127.0.0.1", with(broken)));
        assertTrue(matches("certificate.issuer=CN=b", with(broken)));
    }

    @Test
    void aKeyIsFoundByItsFingerprintInEveryUsualForm()
    {
        String hex = HexFormat.of().formatHex(KEY);
        String colons = HexFormat.ofDelimiter(":").withUpperCase().formatHex(KEY);
        String base64 = Base64.getEncoder().encodeToString(KEY);
        byte[] wrong = KEY.clone();
        wrong[31] ^= 1;
        for (String value : List.of("sha256:" + hex, "sha256:" + hex.toUpperCase(Locale.ROOT), "sha256:" + colons, "sha256/" + base64,
            "sha256/" + base64.replace("=", ""), "sha256:" + HexFormat.of().formatHex(wrong) + ",sha256/" + base64))
        {
            assertTrue(matches("certificate.spki=" + value, with(ALICE)), value);
            assertFalse(matches("certificate.spki=" + value, STRANGER), value);
        }
        assertFalse(matches("certificate.spki=sha256:" + HexFormat.of().formatHex(wrong), with(ALICE)));
    }

    @Test
    void aNetworkHoldsTheClientsAddress()
    {
        String rule = "network=10.0.0.0/8,2001:db8::/32,192.0.2.1";
        for (String address : List.of("10.0.0.0", "10.255.255.255", "2001:db8:0:0:0:0:0:1", "2001:db8::%eth0", "192.0.2.1",
            "::ffff:10.1.2.3"))
        {
            assertTrue(matches(rule, from(address)), address);
        }
        for (String address : List.of("11.0.0.0", "2001:db9::", "192.0.2.2", "::10.1.2.3", "localhost", "10.0.0.1.example.com", "",
            "10.0.0"))
        {
            assertFalse(matches(rule, from(address)), address);
        }
        assertFalse(matches("network=0.0.0.0/0,::/0", STRANGER));
        assertFalse(matches("network=0.0.0.0/0,::/0", from("localhost")));
    }

    @ParameterizedTest
    @CsvSource({
        "pay.example.com,true", "PAY.Example.COM,true", "www.pay.example.com,true", "WWW.pay.example.com,true",
        "a.www.pay.example.com,false", "example.com,false", "xpay.example.com,false", ".pay.example.com,false",
        "pay.example.com.org,false"})
    void aStarStandsForExactlyOneLabel(String host, boolean expected)
    {
        assertEquals(expected, matches("host=*.Pay.example.com,pay.EXAMPLE.com", to(host)));
    }

    @Test
    void aHostMayBeNone()
    {
        assertTrue(matches("host=none", STRANGER));
        assertFalse(matches("host=none", to("none")));
        assertFalse(matches("host=example.com", STRANGER));
        assertTrue(matches("host=example.com,none", STRANGER));
        assertTrue(matches("host=example.com,none", to("example.com")));
    }

    @Test
    void aProtocolIsComparedExactly()
    {
        assertTrue(matches("protocol=TLSv1.2", over("TLSv1.2")));
        assertFalse(matches("protocol=TLSv1.2", over("TLSv1.3")));
        assertFalse(matches("protocol=TLSv1.2,TLSv1.3", over("TLSv1.1")));
        assertTrue(matches("protocol=TLSv1.2,TLSv1.3", over("TLSv1.3")));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "90,90", "90s,90", "30m,1800", "8h,28800", "1d,86400", "86400,86400", "1440m,86400", "0086400,86400"})
    void aDurationIsInSecondsOrHasAUnit(String value, long seconds)
    {
        assertEquals(Duration.ofSeconds(seconds), parse("a maxDuration=" + value).terms(STRANGER).maxDuration());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0d", "-1", "+1", "1.5h", "1h30m", "1w", "1H", "h", "1 h", "P1D", "1000000000", "99999999999999999999d"})
    void whatIsNoDurationIsRefused(String value)
    {
        refused("\na maxDuration=\"" + value + "\"", 2, "bad maxDuration '" + value + "': use a number of seconds from 1 up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"86401", "1441m", "25h", "2d", "999999999d"})
    void aDurationAboveTheConnectorsIsRefusedWithBothWaysOut(String value)
    {
        refused("a mode=off\\\n maxDuration=" + value, 2, "maxDuration '" + value + "' is more than the connector's 86400 seconds: "
            + "raise jetty.tlsResumption.maxSessionDuration");
        assertTrue(refusal("a maxDuration=" + value).endsWith("or lower the rule's"));
    }

    @Test
    void theLimitIsTheConnectorsToTheMillisecond()
    {
        ConnectorTerms odd = new ConnectorTerms(ResumptionMode.OFF, ResumptionMode.OFF, Duration.ofSeconds(10).minusMillis(1));
        assertThrows(RulesException.class, () -> Rules.parse("x", "a maxDuration=10", odd));
        assertEquals(Duration.ofSeconds(9), Rules.parse("x", "a maxDuration=9", odd).terms(STRANGER).maxDuration());
    }

    @Test
    void aSingleUseNeedsAKeyPerSessionInEveryProtocolThatTheRuleCanMatch()
    {
        refused("x protocol=TLSv1.2\npay singleUse=true", 2,
            "rule 'pay' says singleUse=true, but its mode for TLSv1.3 is ticket, in which nobody knows whether a ticket was used: "
                + "add mode=cache");
        refused("pay protocol=TLSv1.2,TLSv1.3 singleUse=true", 1, "rule 'pay' says singleUse=true, but its mode for TLSv1.3 is ticket");
        refused("pay protocol=TLSv1.2 mode=ticket singleUse=true", 1, "rule 'pay' says singleUse=true, but its mode for TLSv1.2 is ticket");
        assertTrue(refusal("pay mode=ticket singleUse=true").endsWith("say mode=cache"));

        assertTrue(parse("pay protocol=TLSv1.2 singleUse=true").terms(over("TLSv1.2")).singleUse());
        assertTrue(parse("pay mode=cache singleUse=true").terms(over("TLSv1.3")).singleUse());
        assertEquals(ResumptionMode.OFF, parse("pay mode=off singleUse=true").terms(over("TLSv1.3")).mode());
        assertFalse(parse("pay mode=ticket singleUse=false").terms(over("TLSv1.3")).singleUse());
        ConnectorTerms tickets = new ConnectorTerms(ResumptionMode.CACHE, ResumptionMode.TICKET, Duration.ofHours(1));
        String message = assertThrows(RulesException.class, () -> Rules.parse("x", "pay singleUse=true", tickets)).getMessage();
        assertTrue(message.contains("TLSv1.2 is ticket"), message);
    }

    @Test
    void anUnknownWordIsRefusedWithTheWordsThereAre()
    {
        refused("a mode=off network=10.0.0.0/8\n\n# b\nb hots=x", 4, "unknown condition 'hots': use certificate, certificate.subject, "
            + "certificate.issuer, certificate.san, certificate.spki, network, host, protocol, or the terms mode, maxDuration, singleUse");
        refused("a Mode=off", 1, "unknown condition 'Mode'");
        refused("a =off", 1, "unknown condition ''");
        refused("a certificate.=off", 1, "unknown condition 'certificate.'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "a mode=cache mode=cache|'mode' is repeated in rule 'a'",
        "a host=a host=b|'host' is repeated in rule 'a'",
        "a singleUse=false singleUse=false|'singleUse' is repeated in rule 'a'",
        "a mode|'mode' has no '='",
        "a certificate.issuer=CN=Admin CA|'CA' has no '='",
        "a mode=|'mode=' has no value",
        "a host=\"\"|'host=' has no value",
        "a host=\" \"|'host=' has no value",
        "a mode=Cache|unknown mode 'Cache': use ticket, cache or off",
        "a mode=on|unknown mode 'on': use ticket, cache or off",
        "a singleUse=yes|bad singleUse 'yes': use true or false",
        "a singleUse=TRUE|bad singleUse 'TRUE': use true or false",
        "a protocol=TLSv1.1|unknown protocol 'TLSv1.1': use TLSv1.2 or TLSv1.3",
        "a protocol=TLSv1.3,|unknown protocol '': use TLSv1.2 or TLSv1.3",
        "a certificate=yes|bad certificate 'yes': use any or none",
        "a certificate.subject=Alice|bad name 'Alice': use an X.500 name",
        "a certificate.issuer=\"CN=a, XY=b\"|bad name 'CN=a, XY=b': use an X.500 name",
        "a certificate.spki=sha256/AAAA|bad fingerprint 'sha256/AAAA': use sha256/ with Base64",
        "a certificate.spki=sha1:00|bad fingerprint 'sha1:00'",
        "a certificate.spki=00|bad fingerprint '00'",
        "a certificate.spki=sha256:00:11|bad fingerprint 'sha256:00:11'",
        "a certificate.san=alice|bad alternative name 'alice': begin it with dns:, email:, uri: or ip:",
        "a certificate.san=DNS:a|bad alternative name 'DNS:a'",
        "a certificate.san=dns:|bad host name ''",
        "a certificate.san=dns:*|bad host name '*'",
        "a certificate.san=dns:a.*.b|bad host name 'a.*.b'",
        "a certificate.san=email:alice|bad e-mail address 'alice'",
        "a certificate.san=email:@b|bad e-mail address '@b'",
        "a certificate.san=email:a@|bad e-mail address 'a@'",
        "a certificate.san=uri:alice|bad URI 'alice': use one with its scheme",
        "a certificate.san=uri:http://[|bad URI 'http://[': ",
        "a certificate.san=ip:10.0.0.0/8|bad address '10.0.0.0/8': use one IP address",
        "a network=10.0.0.1/8|bad network '10.0.0.1/8': it has bits beyond its prefix, use 10.0.0.0/8, or 10.0.0.1 for that address alone",
        "a network=10.0.0.0/8,|bad network ''",
        "a network=localhost|bad network 'localhost'",
        "a network=none|bad network 'none'",
        "a host=*|bad host name '*'",
        "a host=**.b|bad host name '**.b'",
        "a host=*.*.b|bad host name '*.*.b'",
        "a host=a..b|bad host name 'a..b'",
        "a host=b.|bad host name 'b.'",
        "a host=a:443|bad host name 'a:443'",
        "a host=gr\u00fcn.example|bad host name 'gr\u00fcn.example': use a name such as www.example.com",
        "1a mode=off|'1a' is no name of a rule",
        "mode=off|'mode=off' is no name of a rule",
        "\u00e4 mode=off|'\u00e4' is no name of a rule",
        "a/b mode=off|'a/b' is no name of a rule",
        "\"a\" mode=off|there is a quote within ''",
        "a mo\"de=off|there is a quote within 'mo'",
        "a mode=o\"ff\"|there is a quote within 'mode=o'",
        "a mode=\"off|the quote behind 'mode=' is not closed in its line",
        "a mode=\"off\"x|there is more behind the quoted value of 'mode'",
        "a mode=\"off\"\"|there is more behind the quoted value of 'mode'",
        "a certificate=none certificate.subject=CN=a|rule 'a' matches no client, since certificate=none excludes"})
    void afterGoodRulesAFaultIsNamedWithItsLine(String rule, String message)
    {
        refused("# first\nfirst protocol=TLSv1.3 mode=off\r\n\r\n" + rule + "\nlast mode=off\n", 4, message);
        refused("first protocol=TLSv1.3 mode=off; " + rule, 1, message);
    }

    @Test
    void aNameIsGivenOnce()
    {
        refused("\na certificate=any\nb certificate=any\na certificate=any", 4, "the name 'a' is that of the rule in line 2, too");
        assertEquals(List.of("a", "A", "a.b", "a-b_9"), parse("a host=a;A host=a;a.b host=a;a-b_9").names());
    }

    @Test
    void aRuleBehindOneThatMatchesEverythingIsRefused()
    {
        refused("a host=a\nall maxDuration=60\n\nb host=b\nc host=c", 4,
            "rule 'b' is never reached, since rule 'all' in line 2 has no conditions and matches every client: move that one to the end");
    }

    @Test
    void onlyTheFirstFaultIsReported()
    {
        refused("a host=a\nb x=1\na y=2", 2, "unknown condition 'x'");
    }

    @Test
    void aVeryLongWordIsNotShownWhole()
    {
        for (String rule : List.of("a " + "x".repeat(100_000), "a x=" + "y".repeat(100_000) + "\n z=\"", "a network=" + ":".repeat(100_000),
            "a host=" + "a.".repeat(100_000), "a certificate.san=uri:" + "x".repeat(100_000), "x".repeat(100_000) + "=",
            "a certificate.subject=" + "x".repeat(100_000), "a certificate.spki=" + "0".repeat(100_000)))
        {
            assertTrue(refusal(rule).length() < 500, () -> refusal(rule));
        }
    }

    @Test
    void semicolonsSeparateRulesAsLinesDo()
    {
        Rules rules = parse(" a host=a mode=off ;; b host=b;c host=c\n;d maxDuration=1; # e; f");
        assertEquals(List.of("a", "b", "c", "d"), rules.names());
        assertEquals("b", rules.terms(to("b")).rule());
    }

    @Test
    void quotesProtectWhatElseSeparates()
    {
        String name = "CN=a\\; b # c\\, d, O=\\22x\\22";
        X509Certificate odd = Certificates.of(name, "CN=a");
        Rules rules = parse("a certificate.subject=\"" + name + "\" mode=\"off\"; b host=\"b, c\"");
        assertEquals("a", rules.terms(with(odd)).rule());
        assertEquals("b", rules.terms(to("c")).rule());
    }

    @Test
    void aCommentBeginsWithAWord()
    {
        X509Certificate fragment = Certificates.of("CN=a", "CN=a",
            new GeneralName(GeneralName.uniformResourceIdentifier, "http://example.com/#me"));
        Rules rules = parse("#x\na certificate.san=uri:http://example.com/#me # b host=b; c host=c \\\nd host=d #\n");
        assertEquals("a", rules.terms(with(fragment)).rule());
        assertEquals(List.of("a", "d"), parse("a host=a # \\\nd host=d").names());
        assertEquals(2, rules.names().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a host=a \\\n mode=off", "a host=a \\\r\n mode=off", "a\\\nhost=a\\\nmode=off",
        "a \\\n\\\n host=a mode=off\\\n",
        "\\\na host=a mode=off"})
    void aBackslashAtTheEndOfALineJoinsItWithTheNext(String text)
    {
        assertEquals("a host=a mode=off", parse(text).toString());
    }

    @Test
    void linesAreCountedThroughContinuationsCommentsAndBothLineEnds()
    {
        refused("a host=a \\\n# comment\r\n\nb host=b \\\r\n x=1", 5, "unknown condition 'x'");
        refused("a host=\"a\nb\"", 1, "the quote behind 'host=' is not closed");
    }

    @Test
    void theExampleParses()
    {
        Rules rules = parse(EXAMPLE);
        assertEquals(List.of("admins", "pinned", "devices", "branch", "payments", "old", "everybody"), rules.names());
        assertEquals(new SessionTerms(ResumptionMode.CACHE, Duration.ofMinutes(5), true, "payments"),
            rules.terms(to("a.pay.example.com")));
    }

    @Test
    void everyExampleOfTheDocumentParses() throws IOException
    {
        String document = Files.readString(Path.of("docs/policy.md")).split("## Reference")[0];
        ConnectorTerms week = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, SessionTerms.LONGEST);
        List<String> blocks = Pattern.compile("```\n(.*?)```", Pattern.DOTALL).matcher(document).results().map(match -> match.group(1))
            .toList();
        assertEquals(11, blocks.size());
        for (String block : blocks)
        {
            assertFalse(Rules.parse("docs/policy.md", block.replaceFirst("^jetty\\.tlsResumption\\.rules=", ""), week).names().isEmpty());
        }
    }

    @Test
    void whatIsShownReadsAsTheSameRules()
    {
        Rules rules = parse(EXAMPLE);
        String shown = rules.toString();
        assertTrue(shown.startsWith("admins certificate.issuer=\"CN=Admins, O=Example\" mode=cache maxDuration=600; pinned "), shown);
        assertTrue(shown.endsWith("certificate.subject=\"CN=a\\;b\" mode=off; everybody maxDuration=3600"), shown);
        assertEquals(shown, parse(shown).toString());
        assertEquals(rules.names(), parse(shown).names());
    }

    @Test
    void thousandsOfRulesAreAskedInOrder()
    {
        int count = 5000;
        Rules rules = parse(IntStream.range(0, count)
            .mapToObj(i -> "r" + i + " network=10." + i / 250 + "." + i % 250 + ".0/24 certificate=none maxDuration=" + (i + 1))
            .collect(Collectors.joining("\n")));
        for (int i : new int[]{0, 1, 249, 250, count - 1})
        {
            assertEquals("r" + i, rules.terms(from("10." + i / 250 + "." + i % 250 + ".9")).rule());
            assertEquals(i + 1, rules.terms(from("10." + i / 250 + "." + i % 250 + ".9")).maxDuration().toSeconds());
        }
    }

    @Test
    void aMutatedRuleParsesOrIsRefusedAndNothingElse()
    {
        int[] parsed = new int[1];
        Trials.run(3000, random ->
        {
            String text = mutated(random, EXAMPLE);
            try
            {
                Rules rules = parse(text);
                parsed[0]++;
                for (Client client : List.of(STRANGER, from("10.1.1.1"), from("x"), to("a.pay.example.com"), with(ALICE, USERS)))
                {
                    rules.terms(client);
                }
                assertEquals(rules.toString(), parse(rules.toString()).toString());
            }
            catch (RulesException e)
            {
                assertTrue(e.line() >= 1 && e.line() <= text.lines().count() + 1, e::getMessage);
                assertTrue(e.getMessage().startsWith(SOURCE + ":" + e.line() + ": "), e::getMessage);
            }
        });
        if (Long.getLong("trials.seed") == null)
        {
            assertTrue(parsed[0] > 30, "the mutations are too strong to prove anything: " + parsed[0]);
        }
    }

    private static String mutated(Random random, String text)
    {
        StringBuilder result = new StringBuilder(text);
        String alphabet = "=\"\\;,#\n\r\t :/.*%[]'azAZ09-+\u0000\u00e4\ud83d\ufeff";
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++)
        {
            int at = random.nextInt(result.length());
            switch (random.nextInt(5))
            {
                case 0 -> result.deleteCharAt(at);
                case 1 -> result.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                case 2 -> result.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
                case 3 -> result.delete(at, Math.min(result.length(), at + random.nextInt(40)));
                default -> result.insert(at, text, at / 2, at / 2 + random.nextInt(20));
            }
        }
        return result.toString();
    }
}
