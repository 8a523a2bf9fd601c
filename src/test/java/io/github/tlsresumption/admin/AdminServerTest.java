package io.github.tlsresumption.admin;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.github.tlsresumption.CaughtLog;
import io.github.tlsresumption.json.BoundedJson;
import io.github.tlsresumption.resumption.RefusalReason;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.DefaultHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.security.Password;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Who may read and change, by the settings, beside a server without connectors.
 */
class AdminServerTest
{
    private static final String PASSWORD = "pässword: with a colon";

    private static final Pattern LOADED = Pattern.compile("(?:href=\"/|src=\"/|from '\\./)([a-z]+\\.[a-z]+)");

    private final Server server = new Server();
    private final AdminServer admin = new AdminServer();
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void install()
    {
        admin.setPort(0);
        AdminApi.install(admin, server);
        server.addBean(admin);
    }

    @AfterEach
    void stop() throws Exception
    {
        server.stop();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException
    {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path)
    {
        return request("localhost", path);
    }

    private HttpRequest.Builder request(String host, String path)
    {
        return AdminRequests.to(admin, host, path);
    }

    private HttpRequest.Builder authenticated(String path, String password)
    {
        return AdminRequests.authenticated(request(path), password);
    }

    private HttpResponse<String> change(HttpRequest.Builder request) throws IOException, InterruptedException
    {
        return client.send(AdminRequests.change(request), BodyHandlers.ofString());
    }

    @Test
    void withoutAPasswordItReadsButChangesNothingAndNamesTheSetting() throws Exception
    {
        server.start();
        HttpResponse<String> status = send(request("/api/status"));
        assertEquals(200, status.statusCode());
        assertTrue(status.body().contains("\"connectors\":[]"), status.body());
        HttpResponse<String> refused = change(authenticated("/api/keys/rotate", ""));
        assertEquals(403, refused.statusCode());
        assertTrue(refused.body().contains("jetty.tlsResumption.admin.password"), refused.body());
    }

    @Test
    void theLogTellsWhereThePageIs() throws Exception
    {
        try (CaughtLog log = new CaughtLog())
        {
            server.start();
            assertTrue(log.infos().stream().anyMatch(line -> line.endsWith(": Admin page: http://127.0.0.1:" + admin.getLocalPort() + "/")),
                log.infos()::toString);
            assertTrue(log.infos().stream().noneMatch(line -> line.contains("Metrics: ")), log.infos()::toString);
        }
        server.stop();
        admin.setHost("::1");
        admin.add("/metrics", new DefaultHandler());
        try (CaughtLog log = new CaughtLog())
        {
            server.start();
            assertTrue(log.infos().stream().anyMatch(line -> line.endsWith(": Metrics: http://[::1]:" + admin.getLocalPort() + "/metrics")),
                log.infos()::toString);
        }
    }

    @Test
    void aChangeThatIsNotMadeIsInTheLogToo() throws Exception
    {
        admin.setPassword(PASSWORD);
        server.start();
        try (CaughtLog log = new CaughtLog())
        {
            assertEquals(400, change(authenticated("/api/keys/rotate", PASSWORD)).statusCode());
            assertEquals(400, change(authenticated("/api/forget", PASSWORD)).statusCode());
            assertEquals(List.of("Scope none: the ticket keys were not rotated, by the admin page from 127.0.0.1: there is no scope 'none'",
                "Scope none: somebody was not forgotten, by the admin page from 127.0.0.1: there is no scope 'none'"),
                log.infos().stream().filter(line -> line.contains("by the admin page")).map(line -> line.replaceFirst(".*?: ", ""))
                    .toList());
        }
    }

    @Test
    void thePasswordMayHaveAnyCharactersAndStandInAFile(@TempDir Path directory) throws Exception
    {
        Path file = Files.writeString(directory.resolve("password"), PASSWORD + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        admin.setPasswordFile(file.toString());
        server.start();
        HttpResponse<String> right = change(authenticated("/api/keys/rotate", PASSWORD));
        assertEquals(400, right.statusCode(), right.body());
        assertTrue(right.body().contains("there is no scope 'none'"), right.body());
        assertEquals(401, change(authenticated("/api/keys/rotate", PASSWORD + " ")).statusCode());
        assertEquals(401, change(request("/api/keys/rotate")).statusCode());
        assertEquals(401, change(request("/api/keys/rotate").header("Authorization", "Basic ???")).statusCode());
        assertEquals(401, change(request("/api/keys/rotate").header("Authorization", "Bearer abc")).statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/status", "/api/history", "/api/reasons", "/overview"})
    void readsNeedThePasswordWhereThatIsSetButThePageItselfIsFree(String path) throws Exception
    {
        admin.setPassword(Password.obfuscate(PASSWORD));
        admin.setAuthenticateReads(true);
        server.start();
        HttpResponse<String> refused = send(request(path));
        assertEquals(401, refused.statusCode());
        assertTrue(refused.headers().firstValue("WWW-Authenticate").orElse("").startsWith("Basic "));
        assertEquals(200, send(authenticated(path, PASSWORD)).statusCode());
        assertEquals(200, send(request("/")).statusCode());
        assertEquals(401, send(request("/nothing")).statusCode());
    }

    @Test
    void thePageLoadsNothingThatIsNotThere() throws Exception
    {
        server.start();
        Set<String> loaded = new TreeSet<>(Set.of("/"));
        for (Deque<String> next = new ArrayDeque<>(loaded); !next.isEmpty(); next.remove())
        {
            HttpResponse<String> response = send(request(next.peek()));
            assertEquals(200, response.statusCode(), next.peek());
            LOADED.matcher(response.body()).results().map(found -> "/" + found.group(1)).filter(loaded::add).forEach(next::add);
        }
        assertTrue(loaded.containsAll(Set.of("/admin.css", "/admin.js", "/chart.js", "/favicon.svg")), loaded::toString);
    }

    @Test
    void withoutJavaScriptThereIsAPlainPage() throws Exception
    {
        server.start();
        assertTrue(send(request("/")).body().contains("<noscript><meta http-equiv=\"refresh\" content=\"0; url=/overview\"></noscript>"));
        HttpResponse<String> plain = send(request("/overview"));
        assertEquals(200, plain.statusCode());
        assertEquals("text/html;charset=utf-8", plain.headers().firstValue("Content-Type").orElse(""));
        assertTrue(plain.body().contains("No connector of this server"), plain.body());
        assertEquals("default-src 'none'", plain.headers().firstValue("Content-Security-Policy").orElse("").split(";")[0]);
    }

    @Test
    void reasonsForRefusalsAreExplained() throws Exception
    {
        server.start();
        Map<String, Object> reasons = BoundedJson.parse(send(request("/api/reasons")).body());
        assertEquals(RefusalReason.values().length, reasons.size());
        assertEquals(RefusalReason.UNKNOWN_KEY.meaning(), reasons.get("unknown-key"));
    }

    @Test
    void whoReadsFromElsewhereThanTheLoopbackInterfaceNeedsThePassword() throws Exception
    {
        String address = AdminRequests.ownAddress();
        admin.setHost("0.0.0.0");
        admin.setPassword(PASSWORD);
        admin.add("/metrics", new DefaultHandler());
        server.start();
        for (String path : List.of("/api/status", "/api/history", "/metrics"))
        {
            assertEquals(401, send(request(address, path)).statusCode(), path);
            assertEquals(401, send(AdminRequests.authenticated(request(address, path), "wrong")).statusCode(), path);
        }
        assertEquals(200, send(AdminRequests.authenticated(request(address, "/api/status"), PASSWORD)).statusCode());
        assertEquals(200, send(request(address, "/")).statusCode(), "the page, which asks for it");
        assertEquals(200, send(request("127.0.0.1", "/api/status")).statusCode());
    }

    @Test
    void onAnAddressThatOthersReachNobodyReadsWithoutAPasswordBeingSet() throws Exception
    {
        String address = AdminRequests.ownAddress();
        admin.setHost(address);
        server.start();
        HttpResponse<String> refused = send(request(address, "/api/status"));
        assertEquals(403, refused.statusCode());
        assertTrue(refused.body().contains("reading from here needs a password, and there is none: set jetty.tlsResumption.admin.password"),
            refused.body());
        assertFalse(refused.body().contains("connectors"), refused.body());
    }

    @Test
    void passwordsThatNobodyHasAreRefusedAtStart()
    {
        admin.setAuthenticateReads(true);
        Exception none = assertThrows(IllegalStateException.class, server::start);
        assertTrue(none.getMessage().contains("jetty.tlsResumption.admin.authenticateReads"), none.getMessage());
    }

    @Test
    void twoPasswordsAreRefusedAtStart()
    {
        admin.setPassword("one");
        admin.setPasswordFile("two");
        Exception two = assertThrows(IllegalStateException.class, server::start);
        assertTrue(two.getMessage().contains("jetty.tlsResumption.admin.password"), two.getMessage());
    }

    @Test
    void aPasswordFileThatOthersMayReadIsRefusedWithTheCommandThatMendsIt(@TempDir Path directory) throws Exception
    {
        Path file = Files.writeString(directory.toRealPath().resolve("password"), PASSWORD);
        admin.setPasswordFile(file.toString());
        for (String open : List.of("rw-r--r--", "rw-rw-rw-", "rw-----w-"))
        {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            Exception refused = assertThrows(IllegalStateException.class, server::start);
            assertTrue(refused.getMessage().contains("jetty.tlsResumption.admin.passwordFile"), refused.getMessage());
            assertTrue(refused.getMessage().contains("chmod 600 " + file), refused.getMessage());
            assertFalse(refused.getMessage().contains(PASSWORD), refused.getMessage());
            server.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":", "/*\"*/["})
    void aBodyThatIsNestedDeeplyIsRefusedInJson(String opening) throws Exception
    {
        admin.setPassword(PASSWORD);
        server.start();
        String deep = opening.repeat(4_000 / opening.length());
        for (String body : List.of(deep, "{\"scope\":" + deep.substring(100), "{\"scope\":\"\\\"]]]]\",\"x\":" + deep.substring(100)))
        {
            HttpResponse<String> refused = send(authenticated("/api/keys/rotate", PASSWORD).header("X-Tls-Resumption", "1")
                .POST(BodyPublishers.ofString(body)));
            assertEquals(400, refused.statusCode(), refused.body());
            assertTrue(refused.body().startsWith("{\"error\":"), refused.body());
            assertEquals("application/json;charset=utf-8", refused.headers().firstValue("Content-Type").orElse(""));
        }
    }

    @Test
    void aBodyThatIsTooLongIsRefusedInJson() throws Exception
    {
        admin.setPassword(PASSWORD);
        server.start();
        HttpResponse<String> refused = send(authenticated("/api/keys/rotate", PASSWORD).header("X-Tls-Resumption", "1")
            .POST(BodyPublishers.ofString("x".repeat(5_000))));
        assertEquals(413, refused.statusCode(), refused.body());
        assertTrue(refused.body().startsWith("{\"error\":"), refused.body());
    }

    @Test
    void whatFailsIsSaidInJsonToo() throws Exception
    {
        admin.add("/broken", new Handler.Abstract()
        {
            @Override
            public boolean handle(Request request, Response response, Callback callback)
            {
                throw new IllegalStateException("a secret of the inside");
            }
        });
        server.start();
        HttpResponse<String> broken = send(request("/broken"));
        assertEquals(500, broken.statusCode());
        assertEquals("{\"error\":\"Server Error\"}", broken.body().strip());
        assertEquals("DENY", broken.headers().firstValue("X-Frame-Options").orElse(""));
    }

    @Test
    void whatIsNotThereIsSaidInJson() throws Exception
    {
        server.start();
        HttpResponse<String> nothing = send(request("/metrics"));
        assertEquals(404, nothing.statusCode());
        assertTrue(nothing.body().contains("\"error\""), nothing.body());
    }
}
