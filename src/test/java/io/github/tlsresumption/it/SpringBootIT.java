package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * Applications of Spring Boot, started by {@code java -jar}, with the {@code @Bean} of the README as it stands there.
 */
@StartsProcesses
class SpringBootIT
{
    private static final Path POMS = Path.of("src/test/boot");
    private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies";
    private static final Pattern PORT = Pattern.compile("Jetty started on port (\\d+)");
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

    @ParameterizedTest
    @CsvSource({
        "3.5, org.springframework.boot.web.embedded.jetty, jetty-server-12.0",
        "4, org.springframework.boot.jetty, jetty-server-12.1"})
    void resumesForgetsAndOutlivesARestart(String line, String places, String jetty) throws Exception
    {
        JettyBase base = JettyBase.create("boot-" + line).copy(ModuleBase.twoHosts(), "server.p12");
        List<Path> libraries = libraries(line);
        assertTrue(libraries.stream().anyMatch(library -> library.getFileName().toString().startsWith(jetty)), libraries::toString);
        Path application = ApplicationJar.pack(base, APPLICATION.formatted(places, ApplicationJar.code("README.md", "@Bean")), libraries);
        List<String> command = JettyHome.briefly(List.of("-jar", application.toString(), "--server.port=0",
            "--spring.ssl.bundle.jks.web.keystore.location=file:server.p12",
            "--spring.ssl.bundle.jks.web.keystore.password=" + KeyMaterial.PASSWORD));
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
