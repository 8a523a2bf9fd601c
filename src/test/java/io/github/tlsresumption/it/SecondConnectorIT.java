package io.github.tlsresumption.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.redis.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.KEY_FILE;
import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The module tls-resumption-second-connector adds a connector that resumes as its ini file says, and is as the first otherwise.
 */
@StartsProcesses
class SecondConnectorIT
{
    private static final String MODULE = "tls-resumption-second-connector";
    private static final String SECOND = "second";
    private static final String PREFIX = "jetty.tlsResumption.second.";
    private static final String PASSWORD = "of the keys";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * From the zip alone.
     */
    private static JettyBase base(String name, Path home, String... modules)
    {
        JettyBase base = JettyBase.create(name).home(home).unzip(JettyHome.moduleZip());
        return ModuleBase.engine(base.modules(Stream.concat(Stream.of("https"), Stream.of(modules)).toArray(String[]::new)))
            .modules(MODULE)
            .keyStore(ModuleBase.twoHosts())
            .property("jetty.ssl.port", "0")
            .property(PREFIX + "port", "0");
    }

    private static OpenSsl client(JettyProcess jetty, String protocol)
    {
        return OpenSsl.client(jetty.port()).host(ONE).protocol(protocol);
    }

    private static OpenSsl second(JettyProcess jetty, String protocol)
    {
        return client(jetty, protocol).at(jetty.port(SECOND));
    }

    private static void assertResumes(OpenSsl client)
    {
        OpenSsl.Result first = client.connect();
        assertFalse(first.reused(), first::output);
        OpenSsl.Result again = client.connect();
        assertAll(
            () -> assertTrue(again.reused(), again::output),
            () -> assertEquals(404, again.reply().status(), again::output));
    }

    private static void assertFull(OpenSsl client)
    {
        OpenSsl.Result full = client.connect();
        assertAll(
            () -> assertFalse(full.reused(), full::output),
            () -> assertEquals(404, full.reply().status(), full::output));
    }

    @OnEachEngine
    @ParameterizedTest
    @CsvSource({"12.0,", "12.0,--jpms", "12.1,", "12.1,--jpms"})
    void eachConnectorResumesInItsModeAndNotForTheOther(String line, String option) throws Exception
    {
        JettyBase base = base("second-" + line, line.equals("12.0") ? JettyHome.jetty120() : JettyHome.path())
            .property(PREFIX + "mode", "cache")
            .property(PREFIX + "tls12Mode", "off")
            .property(PREFIX + "maxSessionDuration", "10m");
        JettyProcess jetty = option == null ? base.start() : base.startByStartJar(option);
        OpenSsl ticket = client(jetty, TLS13);
        OpenSsl cache = second(jetty, TLS13);
        assertResumes(ticket);
        assertResumes(cache);
        assertResumes(client(jetty, TLS12));
        OpenSsl off = second(jetty, TLS12);
        assertFull(off);
        assertFull(off);

        assertFull(ticket.copy().at(jetty.port(SECOND)));
        assertFull(cache.copy().at(jetty.port()));
        long hint = ticket.copy().connect().lifetimeHint();
        assertTrue(hint > 600, () -> "lifetime " + hint);
        long shorter = cache.copy().connect().lifetimeHint();
        assertTrue(shorter > 0 && shorter <= ModuleBase.longestLifetimeHint(600), () -> "lifetime " + shorter);
        assertTrue(jetty.log().lines().anyMatch(told -> told.contains("scope second") && told.contains("sessions last 600 s at most")),
            jetty::log);
        assertTrue(Files.exists(base.path().resolve(KEY_FILE)));
        assertTrue(Files.exists(base.path().resolve("etc/tls-resumption-second.keys")));

        jetty.stop();
        // What the client carries outlives the process, what the server keeps in its heap does not.
        try (JettyProcess after = jetty.again())
        {
            OpenSsl.Result carried = ticket.at(after.port()).connect();
            assertTrue(carried.reused(), carried::output);
            assertFull(cache.at(after.port(SECOND)));
        }
    }

    @OnAnyJdk
    @Test
    void withOneScopeAndOneFileTheyResumeEachOthersSessions()
    {
        JettyBase base = base("second-scope", JettyHome.path())
            .property("jetty.tlsResumption.scope", "both")
            .property(PREFIX + "scope", "both")
            .property(PREFIX + "ticketKeyFile", KEY_FILE);
        try (JettyProcess jetty = base.start())
        {
            OpenSsl client = client(jetty, TLS13);
            assertResumes(client);
            OpenSsl.Result there = client.at(jetty.port(SECOND)).connect();
            assertTrue(there.reused(), there::output);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"", "http2"})
    void itSpeaksWhatTheFirstSpeaks(String module)
    {
        String[] modules = module.isEmpty() ? new String[0] : new String[]{module};
        try (JettyProcess jetty = base("second-protocols", JettyHome.path(), modules).start())
        {
            for (int port : List.of(jetty.port(), jetty.port(SECOND)))
            {
                OpenSsl.Result result = client(jetty, TLS13).at(port).option("-alpn", "h2").connect();
                assertEquals(module.isEmpty() ? "" : "h2", result.alpn(), result::output);
            }
            assertResumes(second(jetty, TLS13));
            assertResumes(second(jetty, TLS12));
        }
    }

    @Test
    void itHasTheCertificatesOfTheFirstAlsoAfterAReload()
    {
        JettyBase base = base("second-reload", JettyHome.path(), "ssl-reload");
        try (JettyProcess jetty = base.start())
        {
            OpenSsl client = second(jetty, TLS13);
            String before = client.connect().output();
            assertFalse(before.contains("RSA-PSS"), before);
            base.copy(KeyMaterial.server(KeyMaterial.Algorithm.RSA, ONE, TWO), "etc/keystore.p12");
            Await.until(PATIENCE, () -> client(jetty, TLS13).connect().output().contains("RSA-PSS"), jetty::log);
            Await.until(PATIENCE, () -> second(jetty, TLS13).connect().output().contains("RSA-PSS"), jetty::log);
        }
    }

    @OnAnyJdk
    @Test
    void rulesAreThoseOfTheFirstOrItsOwn()
    {
        JettyBase base = base("second-rules", JettyHome.path())
            .property("jetty.tlsResumption.rules", "none host=" + ONE + " mode=off");
        try (JettyProcess jetty = base.start())
        {
            OpenSsl ruled = second(jetty, TLS13);
            assertFull(ruled);
            assertFull(ruled);
            assertResumes(second(jetty, TLS13).host(TWO));
        }
        base.file("etc/rules", "other host=" + TWO + " mode=off\n")
            .property(PREFIX + "rules", "")
            .property(PREFIX + "rulesFile", "etc/rules");
        try (JettyProcess jetty = base.start())
        {
            assertResumes(second(jetty, TLS13));
            OpenSsl ruled = second(jetty, TLS13).host(TWO);
            assertFull(ruled);
            assertFull(ruled);
            assertResumes(client(jetty, TLS13).host(TWO));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"redis", "jdbc"})
    void inAClusterItsSessionsAreSharedToo(String backend)
    {
        try (RedisServer redis = RedisServer.start())
        {
            JettyBase base = JettyBase.create("second-" + backend).unzip(JettyHome.moduleZip()).modules("https");
            base.property("tls-resumption.jdbc.driver", "h2");
            ModuleBase.engine(base).modules(MODULE, "tls-resumption-" + backend)
                .keyStore(ModuleBase.twoHosts())
                .property("jetty.ssl.port", "0")
                .property(PREFIX + "port", "0")
                .property("jetty.tlsResumption.mode", "cache")
                .property("jetty.tlsResumption.ticketKeyPassphrase", PASSWORD);
            if (backend.equals("redis"))
            {
                base.property("jetty.tlsResumption.redis.uri", redis.uri());
            }
            else
            {
                base.property("jetty.tlsResumption.jdbc.url", "jdbc:h2:file:" + base.path().resolve("database/stores"))
                    .property("jetty.tlsResumption.jdbc.user", "jetty")
                    .property("jetty.tlsResumption.jdbc.password", PASSWORD);
            }
            JettyProcess jetty = base.start();
            OpenSsl client = second(jetty, TLS13);
            // The first node of a cluster makes its ring some seconds after the start.
            Await.until(PATIENCE, () -> client.connect().connected() && client.connect().reused(), jetty::log);
            assertFull(client.copy().at(jetty.port()));
            assertFalse(Files.exists(base.path().resolve("etc/tls-resumption-second.keys")));
            jetty.stop();
            try (JettyProcess after = jetty.again())
            {
                OpenSsl.Result kept = client.at(after.port(SECOND)).connect();
                assertTrue(kept.reused(), () -> kept.output() + after.log());
            }
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "mode               | tickets | second.mode: 'tickets' is unknown",
        "maxSessionDuration | 8d      | second.maxSessionDuration: '8d' is out of range",
        "sealPeriod         | 1h      | second.sealPeriod: there is no such setting",
        "scope              | first   | jetty.tlsResumption.scope is 'first' for two connectors"})
    void badSettingsAreRefused(String name, String value, String told)
    {
        String log = base("second-refused", JettyHome.path())
            .property("jetty.tlsResumption.scope", "first")
            .property(PREFIX + name, value)
            .startFails();
        assertAll(
            () -> assertTrue(log.contains("tls-resumption refuses to start: "), log),
            () -> assertTrue(log.contains(told), log));
    }
}
