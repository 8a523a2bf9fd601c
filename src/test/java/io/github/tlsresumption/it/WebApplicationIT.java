package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

import io.github.tlsresumption.keys.TicketKey;
import jakarta.servlet.http.HttpServlet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A web application in a real Jetty with native cryptography: what it finds, and what becomes of its WebSockets.
 */
@StartsProcesses
class WebApplicationIT
{
    private static final String HUNT = "/app/hunt";
    private static final String SESSION = "/app/session";
    private static final String WEB_XML = """
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.1" metadata-complete="true">
          <listener><listener-class>Sockets</listener-class></listener>
          <servlet><servlet-name>hunt</servlet-name><servlet-class>%s</servlet-class></servlet>
          <servlet-mapping><servlet-name>hunt</servlet-name><url-pattern>/hunt</url-pattern></servlet-mapping>
          <servlet><servlet-name>session</servlet-name><servlet-class>%s</servlet-class></servlet>
          <servlet-mapping><servlet-name>session</servlet-name><url-pattern>/session</url-pattern></servlet-mapping>
        </web-app>
        """.formatted(HuntServlet.class.getName(), SessionServlet.class.getName());
    private static final String SOCKETS = """
        import jakarta.servlet.ServletContextEvent;
        import jakarta.servlet.ServletContextListener;
        import jakarta.websocket.DeploymentException;
        import jakarta.websocket.Endpoint;
        import jakarta.websocket.EndpointConfig;
        import jakarta.websocket.Session;
        import jakarta.websocket.server.ServerContainer;
        import jakarta.websocket.server.ServerEndpointConfig;

        public class Sockets implements ServletContextListener
        {
            @Override
            public void contextInitialized(ServletContextEvent event)
            {
                try
                {
                    ((ServerContainer)event.getServletContext().getAttribute(ServerContainer.class.getName()))
                        .addEndpoint(ServerEndpointConfig.Builder.create(Idle.class, "/idle").build());
                }
                catch (DeploymentException e)
                {
                    throw new IllegalStateException(e);
                }
            }

            public static class Idle extends Endpoint
            {
                @Override
                public void onOpen(Session session, EndpointConfig config)
                {
                }
            }
        }
        """;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final long PATIENCE_SECONDS = 30;

    private static JettyBase base;
    private static JettyProcess jetty;

    @BeforeAll
    static void start() throws IOException
    {
        base = ModuleBase.plain("application")
            .modules("tls-resumption-accp", "jmx", "ee11-websocket-jakarta", "http2")
            .deploy(pack(), "app")
            .property("jetty.tlsResumption.mode", "cache")
            .property("jetty.tlsResumption.closeAtDeadline", "true")
            .property("jetty.tlsResumption.closeTimeout", String.valueOf(CLOSE_TIMEOUT.toSeconds()))
            .property("jetty.webapp.addHiddenClasses", "com.example.hidden.");
        jetty = base.start();
    }

    @AfterAll
    static void stop()
    {
        if (jetty != null)
        {
            jetty.close();
        }
    }

    private static Path pack() throws IOException
    {
        Path made = Files.createTempDirectory(Files.createDirectories(JettyHome.scratch()), "application");
        Path source = Files.writeString(made.resolve("Sockets.java"), SOCKETS);
        Path classes = Files.createDirectory(made.resolve("classes"));
        Path war = made.resolve("app.war");
        try (Stream<Path> libraries = Files.list(JettyHome.path().resolve("lib/ee11-websocket")))
        {
            List<String> path = libraries.map(Path::toString).filter(name -> name.contains("jakarta.websocket")).toList();
            String servlets = HttpServlet.class.getProtectionDomain().getCodeSource().getLocation().getPath();
            assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "17", "-cp",
                String.join(":", path) + ":" + servlets, "-d", classes.toString(), source.toString()));
        }
        try (OutputStream out = Files.newOutputStream(war); ZipOutputStream zip = new ZipOutputStream(out))
        {
            zip.putNextEntry(new ZipEntry("WEB-INF/web.xml"));
            zip.write(WEB_XML.getBytes(StandardCharsets.UTF_8));
            for (Class<?> servlet : List.of(HuntServlet.class, SessionServlet.class))
            {
                String file = servlet.getName().replace('.', '/') + ".class";
                zip.putNextEntry(new ZipEntry("WEB-INF/classes/" + file));
                try (InputStream code = servlet.getResourceAsStream("/" + file))
                {
                    code.transferTo(zip);
                }
            }
            for (String compiled : List.of("Sockets.class", "Sockets$Idle.class"))
            {
                zip.putNextEntry(new ZipEntry("WEB-INF/classes/" + compiled));
                Files.copy(classes.resolve(compiled), zip);
            }
        }
        return war;
    }

    private static String hunt(JettyProcess server) throws IOException
    {
        HttpReply reply = new JsseClient(server.port(), ONE, TLS13).get(HUNT).reply();
        assertEquals(200, reply.status(), reply::body);
        return reply.body();
    }

    private static void assertHidden(String found)
    {
        assertTrue(found.contains("hidden: io.github.tlsresumption.Scope"), found);
        assertEquals(List.of(), found.lines().filter(line -> line.startsWith("loaded: ")).toList());
    }

    @Test
    void noKeyIsFoundByWhatIsMeantForApplications() throws IOException
    {
        String found = hunt(jetty);
        assertHidden(found);
        assertEquals(List.of("service: TlsResumptionCipher Cipher.AES/GCM/NoPadding", "service: TlsResumptionKey KeyGenerator.AES"),
            found.lines().filter(line -> line.startsWith("service: TlsResumption")).sorted().toList());
        assertTrue(found.contains("provider: NativeCorretto"), found);
        assertFalse(found.contains("opened by"), found);
        List<String> made = found.lines().filter(line -> line.startsWith("key: ")).toList();
        assertFalse(made.isEmpty(), found);
        assertTrue(made.stream().allMatch(line -> line.startsWith("key: javax.crypto.spec.SecretKeySpec")), made::toString);
        Map<String, byte[]> keys = new HashMap<>();
        for (TicketKey key : Thief.of(base.path().resolve(ModuleBase.KEY_FILE)).keys())
        {
            keys.put("ticket key", key.cipher().key());
        }
        SecretForms secrets = new SecretForms(keys);
        assertEquals(Map.of(), secrets.in(found));
        assertFalse(secrets.in(found + HexFormat.of().formatHex(keys.get("ticket key"))).isEmpty());
    }

    @Test
    void classesAreHiddenAlsoWhereTheyAreNamedModules() throws IOException
    {
        try (JettyProcess named = base.twin().start("--jpms"))
        {
            assertHidden(hunt(named));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void anIdleWebSocketEndsWhenItsUserIsForgotten(String protocol) throws IOException
    {
        String name = "user-of-" + protocol;
        JsseClient client = new JsseClient(jetty.port(), ONE, protocol);
        try (JsseConnection socket = client.open())
        {
            assertEquals(200, socket.get(SESSION + "?principal=" + name).status());
            socket.write("GET /app/idle HTTP/1.1\r\nHost: " + ONE + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertEquals(101, socket.answer().status());
            JsseClient operator = new JsseClient(jetty.port(), ONE, TLS13);
            assertEquals(200, operator.get(SESSION + "?forget=principal:nobody").reply().status());
            assertEquals(200, operator.get(SESSION + "?forget=principal:" + name).reply().status());
            assertEquals(0, socket.end(), "it is cut, without a frame");
        }
        assertFalse(client.get(SESSION).resumed());
    }

    /**
     * In a stream of HTTP/2 (RFC 8441) it does not end when the server says GOAWAY.
     */
    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void anIdleWebSocketOverHttp2IsCutAtTheTimeToCloseWhenItsUserIsForgotten(String protocol) throws Exception
    {
        String name = "http2-user-of-" + protocol;
        try (H2Client client = new H2Client(jetty.port(), TWO, protocol))
        {
            client.get(SESSION + "?principal=" + name).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertEquals(200, client.webSocket("/app/idle").get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            JsseClient operator = new JsseClient(jetty.port(), ONE, TLS13);
            assertEquals(200, operator.get(SESSION + "?forget=principal:nobody").reply().status());
            assertFalse(client.goAway().isDone());
            long forgotten = System.nanoTime();
            assertEquals(200, operator.get(SESSION + "?forget=principal:" + name).reply().status());
            client.goAway().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            long cut = client.closed().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(cut - forgotten >= CLOSE_TIMEOUT.toNanos(), "cut before the time to close");
        }
    }
}
