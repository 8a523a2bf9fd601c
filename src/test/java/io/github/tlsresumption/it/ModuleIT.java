package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.KEY_FILE;
import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.set;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The module goes into any base, changes nothing but resumption, and says what is wrong and how to mend it when it cannot start.
 */
@StartsProcesses
class ModuleIT
{
    private static final String OPENING = "--add-opens=java.base/sun.security.ssl=ALL-UNNAMED";

    @ParameterizedTest
    @ValueSource(strings = {"", "--jpms"})
    void freshBaseResumesAlsoAfterRestart(String option)
    {
        String[] options = option.isEmpty() ? new String[0] : new String[]{option};
        resumesAlsoAfterRestart(ModuleBase.plain("module-fresh"), options);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--jpms"})
    void baseThatServesHttpsAlreadyResumesAlsoAfterRestart(String option)
    {
        JettyBase base = JettyBase.https("module-added", ModuleBase.twoHosts());
        assertTrue(Files.exists(base.path().resolve("start.d/ssl-context.ini")));
        base.startByStartJar().stop();
        ModuleBase.engine(base.unzip(JettyHome.moduleZip()));

        String[] options = option.isEmpty() ? new String[0] : new String[]{option};
        resumesAlsoAfterRestart(base, options);
    }

    private static void resumesAlsoAfterRestart(JettyBase base, String... options)
    {
        base.modules("http2");
        JettyProcess before = base.startByStartJar(options);
        OpenSsl ticket = OpenSsl.client(before.port()).host(TWO).protocol(TLS13);
        OpenSsl cache = OpenSsl.client(before.port()).host(TWO).protocol(TLS12);
        for (OpenSsl client : List.of(ticket, cache))
        {
            OpenSsl.Result first = client.connect();
            OpenSsl.Result second = client.connect();
            assertAll(
                () -> assertFalse(first.reused(), first::output),
                () -> assertTrue(second.reused(), second::output),
                () -> assertEquals(404, second.reply().status(), second::output));
        }
        before.stop();
        try (JettyProcess after = before.again())
        {
            OpenSsl.Result ticketAfter = ticket.connect();
            OpenSsl.Result cacheAfter = cache.connect();
            assertAll(
                () -> assertEquals(before.port(), after.port()),
                () -> assertTrue(ticketAfter.reused(), ticketAfter::output),
                () -> assertFalse(cacheAfter.reused(), cacheAfter::output),
                () -> assertEquals(404, cacheAfter.reply().status(), cacheAfter::output));
        }
    }

    @OnAnyJdk
    @Test
    void aServerThatIsOffHasNoKeysUntilItsRulesChange() throws IOException
    {
        JettyBase base = ModuleBase.plain("module-off").property("jetty.tlsResumption.mode", "off").file("rules", "all mode=off\n");
        base.property("jetty.tlsResumption.rulesFile", base.path().resolve("rules").toString());
        try (JettyProcess jetty = base.start())
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13);
            client.connect();
            OpenSsl.Result off = client.connect();
            assertFalse(off.reused(), off::output);
            assertEquals(404, off.reply().status(), off::output);
            assertTrue(jetty.log().contains("is off: TLS 1.3 off, TLS 1.2 off; no session is resumed, and there are no ticket keys"),
                jetty::log);
            assertFalse(Files.exists(base.path().resolve(KEY_FILE)));

            Path rules = Files.writeString(base.path().resolve("rules.next"), "all mode=ticket\n");
            Files.move(rules, base.path().resolve("rules"), StandardCopyOption.ATOMIC_MOVE);
            Await.until(Duration.ofSeconds(20), () -> client.connect().connected() && client.copy().connect().reused(), jetty::log);
            assertTrue(Files.exists(base.path().resolve(KEY_FILE)));
        }
    }

    @Test
    void pageAndMetricsWorkAsModulesOfTheJdkToo() throws Exception
    {
        // They bring tls-resumption.
        JettyBase base = JettyBase.create("module-admin")
            .unzip(JettyHome.moduleZip())
            .modules("https", "jmx", "tls-resumption-admin", "tls-resumption-metrics")
            .keyStore(ModuleBase.twoHosts())
            .property("jetty.ssl.port", "0")
            .property("jetty.tlsResumption.scope", "public")
            .property("jetty.tlsResumption.admin.port", "0")
            .property("jetty.tlsResumption.admin.password", "secret");
        try (JettyProcess jetty = base.startByStartJar("--jpms"))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13);
            assertFalse(client.connect().reused());
            assertTrue(client.connect().reused());
            AdminClient admin = new AdminClient(jetty);
            String metrics = admin.get("/metrics").body();
            HttpReply rotated = admin.change("/api/keys/rotate", "{\"scope\":\"public\"}", "secret");
            assertAll(
                () -> assertTrue(metrics.contains("protocol=\"TLSv1.3\",result=\"ticket\",scope=\"public\"} 1.0"), metrics),
                () -> assertTrue(metrics.contains("tls_resumption_open_seconds_count{"), metrics),
                () -> assertTrue(metrics.contains("rule=\"(default)\""), metrics),
                () -> assertEquals(200, admin.get("/").status()),
                () -> assertEquals(200, admin.get("/admin.js").status()),
                () -> assertEquals(200, admin.get("/elements.js").status()),
                () -> assertEquals(200, admin.get("/api/history").status()),
                () -> assertEquals(200, rotated.status(), rotated::body));
            assertTrue(client.connect().reused());
            try (Jmx jmx = Jmx.connect(jetty))
            {
                jmx.invoke("rotateTicketKeys");
            }
            assertTrue(jetty.log().contains("Scope public: the ticket keys were rotated, by JMX"), jetty::log);
        }
    }

    /**
     * And start.jar, which waits, shows no password: docs/deploy.md.
     */
    @OnAnyJdk
    @Test
    void settingsOfTheBaseKeepTheirMeaning()
    {
        JettyBase base = ModuleBase.plain("module-settings").property("jetty.sslContext.includeProtocols", TLS12);
        try (JettyProcess jetty = base.startByStartJar())
        {
            List<String> commandLines = jetty.commandLines();
            assertEquals(2, commandLines.size(), commandLines::toString);
            assertFalse(commandLines.toString().contains(KeyMaterial.PASSWORD), commandLines::toString);
            assertTrue(OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12).connect().connected());
            assertFalse(OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13).connect().connected());
        }
    }

    @OnAnyJdk
    @Test
    void keyFileIsItsOwnersAlone() throws IOException
    {
        JettyBase base = ModuleBase.plain("module-key-file");
        base.startByStartJar().stop();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(base.path().resolve(KEY_FILE))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Conscrypt", "BCJSSE"})
    void anotherTlsProviderIsRefused(String provider)
    {
        // What the modules conscrypt and bouncycastle set.
        String log = ModuleBase.plain("module-provider").property("jetty.sslContext.provider", provider).startFails();

        assertAll(
            () -> assertTrue(log.contains("jetty.sslContext.provider is " + provider), log),
            () -> assertTrue(log.contains("the module conscrypt or bouncycastle"), log),
            () -> assertTrue(log.contains("the module tls-resumption"), log));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "jetty.tlsResumption.mode                | sometimes | cache, ticket or off",
        "jetty.tlsResumption.tls12Mode           | sometimes | cache, ticket or off",
        "jetty.tlsResumption.maxSessionDuration  | 604801    | 604800",
        "jetty.tlsResumption.maxSessionDuration  | 0         | 604800",
        "jetty.tlsResumption.rotation.sealPeriod | 604801    | 604800",
        "jetty.tlsResumption.rotation.sealPeriod | 60        | at least",
        "jetty.tlsResumption.rotation.lead       | 43200     | at most",
        "jetty.tlsResumption.maxCachedSessions   | 0         | at least 1"})
    @OnAnyJdk
    void errorNamesSettingValueAndMend(String name, String value, String mend)
    {
        String log = ModuleBase.plain("module-error").property(name, value).startFails();

        assertAll(
            () -> assertTrue(log.contains(name), log),
            () -> assertTrue(log.contains(mend), log));
    }

    @OnAnyJdk
    @Test
    void keyFileThatOthersMayReadIsRefused() throws IOException
    {
        JettyBase base = ModuleBase.plain("module-open-file");
        base.startByStartJar().stop();
        Path keys = base.path().resolve(KEY_FILE);
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] content = Files.readAllBytes(keys);

        String log = base.startFails();

        assertAll(
            () -> assertTrue(log.contains("chmod 600"), log),
            () -> assertTrue(log.contains(KEY_FILE), log),
            () -> assertArrayEquals(content, Files.readAllBytes(keys)));
    }

    @OnAnyJdk
    @Test
    void keyFileThatIsNoFileIsRefused() throws IOException
    {
        JettyBase base = ModuleBase.plain("module-no-file");
        Files.createDirectories(base.path().resolve(KEY_FILE));

        String log = base.startFails();

        assertTrue(log.contains(KEY_FILE), log);
    }

    @OnAnyJdk
    @Test
    void corruptKeyFileIsRefusedAndKept() throws IOException
    {
        JettyBase base = ModuleBase.plain("module-corrupt");
        base.startByStartJar().stop();
        Path keys = base.path().resolve(KEY_FILE);
        byte[] content = Files.readAllBytes(keys);
        content[content.length / 2] ^= 1;
        Files.write(keys, content);

        String log = base.startFails();

        assertAll(
            () -> assertTrue(log.contains(KEY_FILE), log),
            () -> assertTrue(log.contains("mv "), log),
            () -> assertArrayEquals(content, Files.readAllBytes(keys)));
    }

    @OnAnyJdk
    @Test
    void encryptedKeyFileNeedsItsPassphrase()
    {
        JettyBase base = ModuleBase.plain("module-passphrase").property("jetty.tlsResumption.ticketKeyPassphrase", "correct horse");
        JettyProcess before = base.startByStartJar();
        OpenSsl client = OpenSsl.client(before.port()).host(TWO).protocol(TLS13);
        client.connect();
        before.stop();

        String log = base.startFails("jetty.tlsResumption.ticketKeyPassphrase=another");
        assertTrue(log.contains("passphrase"), log);

        try (JettyProcess after = before.again())
        {
            OpenSsl.Result resumed = client.connect();
            assertEquals(before.port(), after.port());
            assertTrue(resumed.reused(), resumed::output);
        }
    }

    @Test
    void missingOpeningIsNamedWhenKeysAreKept()
    {
        JettyBase base = ModuleBase.plain("module-closed");

        String log = JettyProcess.startFails(base, withoutOpening(base));

        assertTrue(log.contains(OPENING), log);
    }

    @Test
    void missingOpeningDoesNotMatterWhenKeysAreInMemory()
    {
        JettyBase base = ModuleBase.plain("module-closed-memory").property("jetty.tlsResumption.ticketKeyStore", "memory");

        try (JettyProcess jetty = JettyProcess.start(base, withoutOpening(base)))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(TWO).protocol(TLS13);
            client.connect();
            OpenSsl.Result second = client.connect();
            assertTrue(second.reused(), second::output);
            assertTrue(second.ticketLength() > 32, second::output);
        }
    }

    static List<String> withoutOpening(JettyBase base)
    {
        List<String> command = base.dryRun();
        assertTrue(command.contains(OPENING), command::toString);
        return command.stream()
            .filter(word -> !word.equals(OPENING))
            .toList();
    }

    @OnAnyJdk
    @Test
    void oneScopeWithDifferentSettingsIsRefused()
    {
        JettyBase base = ModuleBase.plain("module-scope").property("jetty.tlsResumption.scope", "shared");
        base.connector("second", ModuleBase.factory(set("scope", "shared"), set("maxSessionDuration", "600")));

        String log = base.startFails();

        assertAll(
            () -> assertTrue(log.contains("jetty.tlsResumption.scope"), log),
            () -> assertTrue(log.contains("'shared'"), log));
    }

    @OnAnyJdk
    @Test
    void sameApplicationRunsWithAndWithoutTheModule() throws IOException
    {
        JettyBase without = JettyBase.https("module-war-without", ModuleBase.twoHosts()).deploy(JettyHome.demoWar(), "ROOT");
        JettyBase with = ModuleBase.plain("module-war-with").deploy(JettyHome.demoWar(), "ROOT");
        try (JettyProcess stock = without.startByStartJar(); JettyProcess ours = with.startByStartJar())
        {
            OpenSsl.Result plain = OpenSsl.client(stock.port()).host(TWO).protocol(TLS13).path("/?format=json").connect();
            OpenSsl.Result resumption = OpenSsl.client(ours.port()).host(TWO).protocol(TLS13).path("/?format=json").connect();
            assertAll(
                () -> assertEquals(200, plain.reply().status(), plain::output),
                () -> assertEquals(200, resumption.reply().status(), resumption::output),
                () -> assertEquals(false, resumption.reply().json().get("resumed"), resumption::output));
        }
        assertEquals(sha256(without.path().resolve("webapps/ROOT.war")), sha256(with.path().resolve("webapps/ROOT.war")));
    }

    private static String sha256(Path file) throws IOException
    {
        try
        {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        }
        catch (NoSuchAlgorithmException e)
        {
            throw new AssertionError(e);
        }
    }
}
