package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Applications of Spring Boot, started by {@code java -jar}, with the two {@code @Bean}s of docs/embedding.md, as they
 * stand there.
 */
@StartsProcesses
class SpringBootIT
{
    private static final Path POMS = Path.of("src/test/boot");
    private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies";
    private static final Pattern PORT = Pattern.compile("Jetty started on port (\\d+)");
    private static final String BUNDLE = "--spring.ssl.bundle.jks.web.";
    /** Of a key store that Jetty has loaded. */
    private static final String LOADED = "x509=.*h=\\[one\\.test";
    private static final String APPLICATION = """
        package example;

        import io.github.tlsresumption.ResumptionSslContextFactory;
        import jakarta.servlet.http.HttpServletRequest;
        import org.springframework.boot.SpringApplication;
        import org.springframework.boot.autoconfigure.SpringBootApplication;
        import %s.ConfigurableJettyWebServerFactory;
        import org.springframework.boot.ssl.SslBundles;
        import org.springframework.boot.ssl.SslStoreBundle;
        import org.springframework.boot.web.server.WebServerFactoryCustomizer;
        import org.springframework.context.annotation.Bean;
        import org.springframework.web.bind.annotation.GetMapping;
        import org.springframework.web.bind.annotation.RestController;

        @SpringBootApplication
        @RestController
        public class Application
        {
            private static final String SESSION = "io.github.tlsresumption.session.";

            public static void main(String[] arguments)
            {
                SpringApplication.run(Application.class, arguments);
            }

        %s
            @GetMapping(path = "/", produces = "application/json")
            public byte[] session(HttpServletRequest request)
            {
                String json = String.format("{\\"resumed\\":%%s,\\"mode\\":\\"%%s\\",\\"id\\":\\"%%s\\"}",
                    request.getAttribute(SESSION + "resumed"), request.getAttribute(SESSION + "mode"),
                    request.getAttribute(SESSION + "id"));
                if (request.getParameter("forget") != null)
                {
                    ((Runnable)request.getAttribute(SESSION + "forget")).run();
                }
                return json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            }
        }
        """;

    private static List<String> command(JettyBase base, String line, String places, String bean, String... options) throws IOException
    {
        Path application = ApplicationJar.pack(base, APPLICATION.formatted(places, bean), libraries(line));
        List<String> arguments = new ArrayList<>(List.of("-jar", application.toString(), "--server.port=0",
            BUNDLE + "keystore.location=file:server.p12", BUNDLE + "keystore.password=" + KeyMaterial.PASSWORD));
        arguments.addAll(List.of(options));
        return JettyHome.briefly(arguments);
    }

    @ParameterizedTest
    @CsvSource({
        "3.5, org.springframework.boot.web.embedded.jetty, jetty-server-12.0",
        "4, org.springframework.boot.jetty, jetty-server-12.1"})
    void resumesForgetsAndOutlivesARestart(String line, String places, String jetty) throws Exception
    {
        JettyBase base = JettyBase.create("boot-" + line).copy(ModuleBase.twoHosts(), "server.p12");
        List<Path> libraries = libraries(line);
        assertTrue(libraries.stream().anyMatch(library -> library.getFileName().toString().startsWith(jetty)), libraries::toString);
        String bean = ApplicationJar.code("docs/embedding.md", "setCloseAtDeadline(true);\n    return web");
        List<String> command = command(base, line, places, bean);
        OpenSsl client;
        try (JettyProcess boot = JettyProcess.start(base, command))
        {
            int port = port(boot);
            for (String protocol : List.of(TLS12, TLS13))
            {
                String mode = protocol.equals(TLS13) ? "ticket" : "cache";
                assertResumesAndForgets(OpenSsl.client(port).host(ONE).protocol(protocol).path("/"), mode);
            }
            client = OpenSsl.client(port).host(ONE).protocol(TLS13).path("/");
            assertFalse(client.connect().reused());
            assertTrue(boot.log().contains("TLS resumption of scope"), boot::log);
            assertFalse(boot.log().contains("customize(server)"), boot::log);
        }
        try (JettyProcess boot = JettyProcess.start(base, command))
        {
            OpenSsl.Result resumed = client.at(port(boot)).connect();
            assertTrue(resumed.reused(), resumed::output);
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @CsvSource({"3.5, org.springframework.boot.web.embedded.jetty", "4, org.springframework.boot.jetty"})
    void asksForClientCertificatesAndReloadsItsBundle(String line, String places) throws Exception
    {
        KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("staff");
        KeyMaterial.Client alice = authority.issue("alice");
        JettyBase base = JettyBase.create("boot-reload-" + line).copy(ModuleBase.twoHosts(), "server.p12")
            .copy(authority.trustStore(), "trust.p12");
        List<String> command = command(base, line, places, ApplicationJar.code("docs/embedding.md", "addBundleUpdateHandler"),
            BUNDLE + "truststore.location=file:trust.p12", BUNDLE + "truststore.password=" + KeyMaterial.PASSWORD,
            BUNDLE + "reload-on-update=true", "--spring.ssl.bundle.watch.file.quiet-period=50ms");
        try (JettyProcess boot = JettyProcess.start(base, command))
        {
            int port = port(boot);
            OpenSsl.Result refused = OpenSsl.client(port).host(ONE).protocol(TLS13).path("/").connect();
            assertFalse(refused.output().contains("\"resumed\""), refused::output);
            OpenSsl client = OpenSsl.client(port).host(ONE).protocol(TLS13).path("/").certificate(alice);
            assertFalse(client.connect().reused());
            assertTrue(client.connect().reused(), boot::log);

            // The same certificate.
            exchange(base, ModuleBase.twoHosts());
            boot.awaitLog(LOADED, 2);
            OpenSsl.Result resumed = client.connect();
            assertTrue(resumed.reused(), resumed::output);
            assertEquals(true, resumed.reply().json().get("resumed"), resumed::output);

            exchange(base, KeyMaterial.newServer(base.path().resolve("new.p12"), List.of(KeyMaterial.Algorithm.EC), ONE));
            boot.awaitLog(LOADED, 3);
            OpenSsl.Result other = client.connect();
            assertFalse(other.reused(), other::output);
            assertTrue(client.connect().reused(), boot::log);
        }
    }

    /*
     * As whoever renews a certificate should do it: at once.
     */
    private static void exchange(JettyBase base, Path store) throws IOException
    {
        Path fresh = Files.copy(store, base.path().resolve("server.p12.new"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(fresh, base.path().resolve("server.p12"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void assertResumesAndForgets(OpenSsl client, String mode)
    {
        OpenSsl.Result first = client.connect();
        assertEquals(200, first.reply().status(), first::output);
        assertFalse(first.reused(), first::output);
        OpenSsl.Result second = client.path("/?forget=now").connect();
        assertTrue(second.reused(), second::output);
        assertEquals(true, second.reply().json().get("resumed"), second::output);
        assertEquals(mode, second.reply().json().get("mode"), second::output);
        assertEquals(first.reply().json().get("id"), second.reply().json().get("id"));
        OpenSsl.Result third = client.connect();
        assertFalse(third.reused(), third::output);
        assertNotEquals(first.reply().json().get("id"), third.reply().json().get("id"));
    }

    private static int port(JettyProcess boot)
    {
        boot.awaitLog(PORT.pattern(), 1);
        Matcher port = PORT.matcher(boot.log());
        assertTrue(port.find());
        return Integer.parseInt(port.group(1));
    }

    /*
     * Resolved as Maven does it for an application, once for all runs.
     */
    private static List<Path> libraries(String line) throws IOException
    {
        Path directory = JettyHome.scratch().resolve("boot-libraries").resolve(line);
        Path done = directory.resolve("done");
        if (!Files.exists(done))
        {
            List<String> command = new ArrayList<>(List.of(Tools.require("mvn").toString(), "-B", "-q", "-f",
                POMS.resolve(line).resolve("pom.xml").toString(), COPY, "-DincludeScope=runtime", "-DoutputDirectory=" + directory, "-o"));
            if (Command.run(null, command).exit() != 0)
            {
                // What is not there yet is downloaded.
                command.remove(command.size() - 1);
                Command.run(null, command).succeeded();
            }
            Files.createFile(done);
        }
        return ApplicationJar.withModule(directory);
    }
}
