package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

import io.github.tlsresumption.cluster.redis.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The same zip in the distributions of both lines of Jetty, with web applications of each version of Jakarta EE that a line has.
 */
@StartsProcesses
class JettyLinesIT
{
    /** Answers as the {@link ProbeServlet} does, and forgets the session when it is asked to. */
    private static final String APPLICATION = """
        import %1$s.servlet.http.HttpServlet;
        import %1$s.servlet.http.HttpServletRequest;
        import %1$s.servlet.http.HttpServletResponse;

        public class Application extends HttpServlet
        {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException
            {
                String session = "io.github.tlsresumption.session.";
                byte[] content = String.format("{\\"resumed\\":%%s,\\"mode\\":\\"%%s\\",\\"id\\":\\"%%s\\"}",
                    request.getAttribute(session + "resumed"), request.getAttribute(session + "mode"),
                    request.getAttribute(session + "id")).getBytes("UTF-8");
                if (request.getParameter("forget") != null)
                {
                    ((Runnable)request.getAttribute(session + "forget")).run();
                }
                response.setContentType("application/json");
                response.setContentLength(content.length);
                response.getOutputStream().write(content);
            }
        }
        """;
    private static final String WEB_XML = """
        <web-app xmlns="%s" version="%s" metadata-complete="true">
          <servlet><servlet-name>application</servlet-name><servlet-class>Application</servlet-class></servlet>
          <servlet-mapping><servlet-name>application</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
        </web-app>
        """;
    private static final Map<String, List<String>> EDITIONS = Map.of(
        "ee8", List.of("javax", "http://xmlns.jcp.org/xml/ns/javaee", "4.0", "jetty-servlet-api-4."),
        "ee9", List.of("jakarta", "https://jakarta.ee/xml/ns/jakartaee", "5.0", "jetty-jakarta-servlet-api-5."),
        "ee10", List.of("jakarta", "https://jakarta.ee/xml/ns/jakartaee", "6.0", "jakarta.servlet-api-6.0"),
        "ee11", List.of("jakarta", "https://jakarta.ee/xml/ns/jakartaee", "6.1", "jakarta.servlet-api-6.1"));

    @Test
    void jetty120WithItsApplications()
    {
        assertAllResume("lines-12.0", JettyHome.jetty120(), "ee8", "ee9", "ee10");
    }

    @OnAnyJdk
    @Test
    void jetty121WithItsApplications()
    {
        assertAllResume("lines-12.1", JettyHome.path(), "ee8", "ee9", "ee10", "ee11");
    }

    private static void assertAllResume(String name, Path home, String... editions)
    {
        JettyBase base = JettyBase.create(name).home(home)
            .unzip(JettyHome.moduleZip())
            .modules("https", "http2", "ssl-reload", "tls-resumption")
            .modules("tls-resumption-accp", "tls-resumption-admin", "tls-resumption-metrics")
            .modules(Stream.of(editions).map(edition -> edition + "-deploy").toArray(String[]::new))
            .keyStore(ModuleBase.twoHosts())
            .property("jetty.ssl.port", "0")
            .property("jetty.tlsResumption.admin.port", "0")
            .property("jetty.tlsResumption.closeAtDeadline", "true")
            .property("jetty.tlsResumption.tls12Mode", "ticket");
        for (String edition : editions)
        {
            deploy(base, home, edition);
        }
        try (JettyProcess jetty = base.start())
        {
            assertFalse(jetty.log().contains("customize(server)"), jetty::log);
            for (String edition : editions)
            {
                for (String protocol : List.of(TLS12, TLS13))
                {
                    assertResumesAndForgets(jetty, edition, protocol);
                }
            }
            AdminClient admin = new AdminClient(jetty);
            assertEquals(200, admin.get("/api/status").status());
            assertTrue(admin.get("/metrics").body().contains("tls_resumption_handshakes"), jetty::log);
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13).path("/" + editions[0] + "/");
            assertFalse(client.connect().reused());
            jetty.reloadKeyStore();
            assertTrue(client.copy().connect().reused(), jetty::log);
            OpenSsl.Result h2 = client.copy().h2().connect();
            assertTrue(h2.reused(), h2::output);
            assertEquals("h2", h2.alpn());
            jetty.stop();
            try (JettyProcess again = jetty.again())
            {
                assertTrue(client.connect().reused(), again::log);
            }
        }
    }

    private static void assertResumesAndForgets(JettyProcess jetty, String edition, String protocol)
    {
        OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(protocol).path("/" + edition + "/");
        OpenSsl.Result first = client.connect();
        assertEquals(200, first.reply().status(), () -> first.output() + jetty.log());
        assertFalse(first.reused(), first::output);
        OpenSsl.Result second = client.path("/" + edition + "/?forget=now").connect();
        assertTrue(second.reused(), second::output);
        assertEquals(true, second.reply().json().get("resumed"), second::output);
        assertEquals("ticket", second.reply().json().get("mode"), second::output);
        assertEquals(first.reply().json().get("id"), second.reply().json().get("id"));
        OpenSsl.Result third = client.connect();
        assertFalse(third.reused(), third::output);
        assertNotEquals(first.reply().json().get("id"), third.reply().json().get("id"));
    }

    private static void deploy(JettyBase base, Path home, String edition)
    {
        List<String> facts = EDITIONS.get(edition);
        Path directory = base.path().resolve("webapps").resolve(edition);
        base.file("webapps/" + edition + "/WEB-INF/web.xml", WEB_XML.formatted(facts.get(1), facts.get(2)))
            .file("webapps/" + edition + ".properties", "environment=" + edition + "\n")
            .file("sources/" + edition + "/Application.java", APPLICATION.formatted(facts.get(0)));
        Path source = base.path().resolve("sources").resolve(edition).resolve("Application.java");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "17", "-proc:none", "-cp",
            library(home, facts.get(3)).toString(), "-d", directory.resolve("WEB-INF/classes").toString(), source.toString()));
    }

    private static Path library(Path home, String name)
    {
        try (Stream<Path> files = Files.walk(home.resolve("lib")))
        {
            return files.filter(file -> file.getFileName().toString().startsWith(name)).findFirst().orElseThrow();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"redis.uri", "jdbc.url"})
    void theModulesOfAClusterAskForTheirSettingsOnJetty120Too(String setting)
    {
        String store = setting.substring(0, setting.indexOf('.'));
        String log = JettyBase.create("lines-" + store).home(JettyHome.jetty120())
            .unzip(JettyHome.moduleZip())
            .property("tls-resumption.jdbc.driver", "h2")
            .modules("https", "tls-resumption-" + store)
            .keyStore(ModuleBase.twoHosts())
            .property("jetty.tlsResumption.ticketKeyPassphrase", "of the cluster")
            .startFails();
        assertTrue(log.contains("jetty.tlsResumption." + setting), log);
    }

    /**
     * The first run is by the launcher, the second one as modules of the JDK; what they share is in the store alone.
     */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"redis", "jdbc"})
    void aClusterResumesOnJetty120ByTheLauncherAndAsModules(String store) throws IOException
    {
        try (RedisServer redis = store.equals("redis") ? RedisServer.start() : null)
        {
            JettyBase base = JettyBase.create("lines-cluster-" + store).home(JettyHome.jetty120())
                .unzip(JettyHome.moduleZip())
                .property("tls-resumption.jdbc.driver", "h2")
                .modules("https", "tls-resumption-" + store)
                .keyStore(ModuleBase.twoHosts())
                .property("jetty.ssl.port", "0")
                .property("jetty.tlsResumption.ticketKeyPassphrase", "of the cluster");
            if (redis == null)
            {
                base.property("jetty.tlsResumption.jdbc.user", "jetty").property("jetty.tlsResumption.jdbc.password", "of the database");
            }
            Path database = base.path().resolve("database");
            Files.createDirectory(database, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            base.property("jetty.tlsResumption." + (redis == null ? "jdbc.url" : "redis.uri"),
                redis == null ? "jdbc:h2:file:" + database + "/stores" : redis.uri());
            OpenSsl ticket;
            OpenSsl cache;
            try (JettyProcess jetty = JettyProcess.start(base, base.launcher()))
            {
                assertEquals(1, jetty.commandLines().size(), jetty::log);
                ticket = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13);
                cache = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12);
                for (OpenSsl client : List.of(ticket, cache))
                {
                    // The first node of a cluster waits for another one's keys for three seconds.
                    Await.until(Duration.ofSeconds(60), () -> client.connect().reused(), jetty::log);
                }
            }
            try (JettyProcess jetty = base.start("--jpms"))
            {
                for (OpenSsl client : List.of(ticket, cache))
                {
                    OpenSsl.Result resumed = client.at(jetty.port()).connect();
                    assertTrue(resumed.reused(), () -> resumed.output() + jetty.log());
                }
            }
            assertFalse(Files.exists(base.path().resolve("etc/tls-resumption.keys")), "the keys are in a file");
        }
    }

    /*
     * start.jar goes by the version that this property names, as those of the distributions of that version do by their own.
     */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"11.0.25", "12.0.5"})
    void startJarRefusesAnOlderJettyByName(String version)
    {
        JettyBase base = JettyBase.create("older").home(JettyHome.jetty120()).unzip(JettyHome.moduleZip());
        base.modules("https", "tls-resumption");
        List<String> command = new ArrayList<>(base.startJar(List.of("--dry-run")));
        command.add(1, "-Djetty.version=" + version);
        Command.Output output = Command.run(base.path(), command);
        assertNotEquals(0, output.exit(), output::text);
        String oldest = JettyHome.jetty120().getFileName().toString().replace("jetty-home-", "");
        assertTrue(output.text().contains("Module [tls-resumption] specifies jetty version [" + oldest + "]"), output::text);
        assertTrue(output.text().contains("this version of jetty [" + version + "]"), output::text);
    }
}
