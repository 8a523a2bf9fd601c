package io.github.tlsresumption.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.tlsresumption.json.BoundedJson;
import io.github.tlsresumption.resumption.RefusalReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * {@code status}, {@code sessions} and {@code forget} against a server that keeps to the contract of the administration connector.
 */
class AdminCommandsTest
{
    private static final String PASSWORD = "s3cret of the test";
    private static final String STATUS = """
        {"node": "n1", "time": "2026-01-01T00:00:00Z", "connectors": [{"scope": "web", "name": "https",
        "engine": "jdk, SunJSSE of JDK 17.0.1", "mode": {"TLSv1.3": "ticket", "TLSv1.2": "cache"}, "maxSessionDuration": 3600,
        "handshakes": [{"protocol": "TLSv1.3", "result": "full", "count": 5}],
        "refusals": {"expired": 2, "tampered": 0}, "liveSessions": 7, "ring": {"version": 3, "exposure": {"from": "2026-01-01T00:00:00Z",
        "to": "2026-01-02T00:00:00Z"}, "nextRotation": "2026-01-01T12:00:00Z", "keys": [{"id": "00000000000000ff",
        "created": "2026-01-01T00:00:00Z", "sealsFrom": "2026-01-01T00:00:00Z", "sealsUntil": "2026-01-01T12:00:00Z",
        "opensUntil": "2026-01-02T00:00:00Z", "state": "sealing"}]}, "forgotten": 1, "stores": [{"store": "ticket-keys",
        "place": "file", "well": %s, "lastContact": "2026-01-01T00:00:00Z", "problem": "gone"}]}]}
        """;

    private static final String WITHOUT_KEYS = """
        {"node": "n1", "time": "2026-01-01T00:00:00Z", "connectors": [{"scope": "web", "name": "https", "mode": {"TLSv1.3": "ticket",
        "TLSv1.2": "cache"}, "maxSessionDuration": 3600, "handshakes": [], "refusals": {}, "liveSessions": 0, "rules": [{"rule": "gold",
        "handshakes": {"full": 2}, "liveSessions": null}], "ring": {"version": 3, "exposure": null, "nextRotation": null, "keys": []},
        "forgotten": 0, "stores": [{"store": "session-keys", "place": "redis", "well": true, "lastContact": null, "problem": null}]}]}
        """;

    private static final String OFF = WITHOUT_KEYS.replace("\"maxSessionDuration\"", "\"resumes\": false, \"maxSessionDuration\"");

    @TempDir
    private Path directory;

    private final List<Map<String, Object>> forgotten = new ArrayList<>();
    private HttpServer server;
    private String url;
    private String passwordFile;
    private boolean well = true;
    private boolean others = true;
    private boolean off;
    private boolean keys = true;

    @BeforeEach
    void start() throws IOException
    {
        passwordFile = Files.writeString(directory.resolve("password"), PASSWORD + "\n").toString();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/status", exchange -> answer(exchange, 200, keys ? STATUS.formatted(well) : off ? OFF : WITHOUT_KEYS));
        server.createContext("/api/forget", this::forget);
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop()
    {
        server.stop(0);
    }

    private void forget(HttpExchange exchange) throws IOException
    {
        String expected = "Basic " + Base64.getEncoder().encodeToString(("admin:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        if (!expected.equals(exchange.getRequestHeaders().getFirst("Authorization")))
        {
            answer(exchange, 401, "{\"error\": \"wrong password\"}");
        }
        else if (!"POST".equals(exchange.getRequestMethod()) || !"1".equals(exchange.getRequestHeaders().getFirst("X-Tls-Resumption")))
        {
            answer(exchange, 403, "{\"error\": \"not from here\"}");
        }
        else
        {
            forgotten.add(BoundedJson.parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            answer(exchange, others ? 200 : 202, others ? "{\"forgotten\": true}"
                : "{\"forgotten\": true, \"problem\": \"forgotten here, others later\"}");
        }
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException
    {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void statusShowsModesKeysAndStores()
    {
        CommandRun text = CommandRun.of("status", "--url", url);
        CommandRun json = CommandRun.of("status", "--url", url, "--json");

        assertAll(
            () -> assertEquals(0, text.exit(), text::err),
            () -> assertTrue(text.out().contains("TLS 1.3 by ticket, TLS 1.2 by cache"), text::out),
            () -> assertTrue(text.out().contains("  TLS engine: jdk, SunJSSE of JDK 17.0.1\n"), text::out),
            () -> assertTrue(text.out().contains("00000000000000ff sealing"), text::out),
            () -> assertTrue(text.out().contains("live sessions: 7"), text::out),
            () -> assertTrue(text.out().contains("    expired: " + RefusalReason.EXPIRED.meaning()), text::out),
            () -> assertFalse(text.out().contains(RefusalReason.TAMPERED.meaning()), text::out),
            () -> assertEquals("n1", json.json().get("node")));
    }

    @Test
    void aStoreThatIsNotWellShowsInTheExitCode()
    {
        well = false;
        CommandRun run = CommandRun.of("status", "--url", url);

        assertEquals(1, run.exit());
        assertTrue(run.out().contains("NOT well: gone"), run::out);
    }

    @Test
    void whatThereIsNoneOfIsSaidInWords()
    {
        keys = false;
        CommandRun run = CommandRun.of("status", "--url", url);

        assertAll(run::out,
            () -> assertEquals(0, run.exit()),
            () -> assertTrue(run.out().contains("ticket keys: none, so handshakes are full or resume by session id")),
            () -> assertTrue(run.out().contains("rule gold: handshakes {full=2}, live sessions not counted")),
            () -> assertTrue(run.out().contains("store of session-keys: redis, well, last contact never")),
            () -> assertFalse(run.out().contains("null")));
        off = true;
        CommandRun without = CommandRun.of("status", "--url", url);
        assertTrue(without.out().contains("ticket keys: none, as resumption is off"), without::out);
    }

    @Test
    void othersThatHaveNotBeenToldYetShowInTheExitCode()
    {
        others = false;
        CommandRun run = CommandRun.of("forget", "principal", "alice", "--url", url, "--password-file", passwordFile);

        assertEquals(1, run.exit(), run::err);
        assertEquals("forgotten here, others later", run.out().strip());
        assertEquals(1, forgotten.size());
    }

    @Test
    void sessionsAreCounted()
    {
        assertTrue(CommandRun.of("sessions", "--url", url).out().contains("handshakes, TLSv1.3, full: 5"));
        Object connectors = CommandRun.of("sessions", "--url", url, "--json").json().get("connectors");
        assertEquals(7L, StatusCommand.objects(connectors).get(0).get("liveSessions"));
    }

    @Test
    void forgetSendsWhomAndFindsTheOnlyScope()
    {
        CommandRun run = CommandRun.of("forget", "principal", "alice \"the\" first", "--url", url, "--password-file", passwordFile);

        assertEquals(0, run.exit(), run::err);
        assertEquals(List.of(Map.of("scope", "web", "kind", "principal", "name", "alice \"the\" first")), forgotten);
        assertEquals(0, CommandRun.of("forget", "everyone", "--yes", "--url", url, "--password-file", passwordFile, "--scope", "x").exit());
        assertEquals(Map.of("scope", "x", "kind", "everyone"), forgotten.get(1));
    }

    @Test
    void whatIsRefusedForgetsNothingAndPrintsNoPassword() throws IOException
    {
        String wrong = Files.writeString(directory.resolve("wrong"), "another").toString();
        CommandRun refused = CommandRun.of("forget", "client", "192.0.2.1", "--url", url, "--password-file", wrong);
        CommandRun clear = CommandRun.of("status", "--url", "http://192.0.2.1:8081", "--password-file", passwordFile);

        assertAll(
            () -> assertEquals(3, refused.exit()),
            () -> assertTrue(refused.err().contains("wrong password"), refused::err),
            () -> assertFalse(refused.err().contains("another"), refused::err),
            () -> assertEquals(3, clear.exit()),
            () -> assertTrue(clear.err().contains("in clear"), clear::err),
            () -> assertFalse(clear.err().contains(PASSWORD), clear::err),
            () -> assertEquals(2, CommandRun.of("forget", "everyone", "--url", url, "--password-file", passwordFile).exit()),
            () -> assertEquals(2, CommandRun.of("forget", "client", "--url", url).exit()),
            () -> assertEquals(2, CommandRun.of("forget", "nobody", "x", "--url", url).exit()),
            () -> assertEquals(2, CommandRun.of("status", "--url", "ftp://127.0.0.1").exit()),
            () -> assertEquals(List.of(), forgotten));
    }

    @Test
    void aServerThatIsNotThereIsSaid()
    {
        server.stop(0);
        CommandRun run = CommandRun.of("status", "--url", url);

        assertEquals(3, run.exit());
        assertTrue(run.err().contains("cannot be reached"), run::err);
    }
}
