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
 * {@code status} and {@code forget} against a server that keeps to the contract of the administration connector.
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
        "TLSv1.2": "cache"}, "maxSessionDuration": 3600, "handshakes": [], "refusals": {"no-key": %s}, "liveSessions": 0, "rules": [{"rule":
        "gold", "handshakes": {"full": 2}, "liveSessions": null}], "ring": {"version": 3, "exposure": null, "nextRotation": null,
        "keys": []}, "forgotten": 0, "stores": [{"store": "session-keys", "place": "redis", "well": true, "lastContact": null,
        "problem": null}]}]}
        """;

    private static final String MANY = """
        {"node": "n1", "time": "2026-01-01T00:00:00Z", "connectors": [{"scope": "a", "name": "https", "mode": {"TLSv1.3": "ticket",
        "TLSv1.2": "off"}, "maxSessionDuration": 3600, "handshakes": [{"protocol": "TLSv1.3", "result": "full", "count": 10},
        {"protocol": "TLSv1.3", "result": "ticket", "count": 80}, {"protocol": "TLSv1.3", "result": "cache", "count": 10},
        {"protocol": "TLSv1.2", "result": "full", "count": 50}], "refusals": {}, "liveSessions": 0, "rules": [], "ring": {},
        "forgotten": 0, "stores": []}, {"scope": "b", "name": "other", "mode": {"TLSv1.3": "off", "TLSv1.2": "off"}, "resumes": false,
        "maxSessionDuration": 3600, "handshakes": [{"protocol": "TLSv1.3", "result": "full", "count": 100}], "refusals": {},
        "liveSessions": 0, "rules": [], "ring": {}, "forgotten": 0, "stores": []}]}
        """;

    private static final String HISTORY = """
        {"interval": 5, "seconds": [1, 2], "series": [{"scope": "a", "name": "https", "protocol": "TLSv1.3", "result": "full",
        "counts": [%s, 20]}, {"scope": "a", "name": "https", "protocol": "TLSv1.3", "result": "ticket", "counts": [5, 5]}]}
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
    private boolean many;
    private int refused;
    private int noKey;

    @BeforeEach
    void start() throws IOException
    {
        passwordFile = Files.writeString(directory.resolve("password"), PASSWORD + "\n").toString();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/status", exchange -> answer(exchange, 200,
            many ? MANY : keys ? STATUS.formatted(well) : (off ? OFF : WITHOUT_KEYS).formatted(noKey)));
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
            refused++;
            answer(exchange, 401, "{\"error\": \"wrong password\"}");
        }
        else if (!"POST".equals(exchange.getRequestMethod()) || !"1".equals(exchange.getRequestHeaders().getFirst("X-Tls-Resumption")))
        {
            answer(exchange, 403, "{\"error\": \"not from here\"}");
        }
        else
        {
            Map<String, Object> body = BoundedJson.parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            if ("rule".equals(body.get("kind")) && "a".equals(body.get("scope")))
            {
                answer(exchange, 400, "{\"error\": \"there is no rule there\"}");
                return;
            }
            forgotten.add(body);
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
    void statusShowsInTenLinesWhetherSessionsAreResumed()
    {
        CommandRun text = CommandRun.of("status", "--url", url);
        CommandRun json = CommandRun.of("status", "--url", url, "--json");

        assertAll(text::out,
            () -> assertEquals(0, text.exit(), text::err),
            () -> assertTrue(text.out().lines().count() <= 10),
            () -> assertTrue(text.out().startsWith("n1, 2026-01-01T00:00:00Z: healthy\n")),
            () -> assertTrue(text.out().contains("TLS 1.3 by ticket, TLS 1.2 by cache")),
            () -> assertTrue(text.out().contains("  TLS engine        jdk, SunJSSE of JDK 17.0.1\n")),
            () -> assertTrue(text.out().contains("  resumed, TLSv1.3  0 % of 5 since the start\n")),
            () -> assertTrue(text.out().contains("  refused           expired 2\n")),
            () -> assertTrue(text.out().contains("  sessions          7 of mode cache live; 1 on the forget list\n")),
            () -> assertTrue(text.out().contains("  ticket keys       1, version 3, next rotation 2026-01-01T12:00:00Z\n")),
            () -> assertTrue(text.out().contains("  stores            ticket-keys healthy\n")),
            () -> assertEquals("n1", json.json().get("node")),
            () -> assertEquals(true, json.json().get("healthy")));
    }

    @Test
    void statusShowsEachKeyRefusalAndStoreWithDetails()
    {
        CommandRun text = CommandRun.of("status", "--details", "--url", url);

        assertAll(text::out,
            () -> assertTrue(text.out().contains("00000000000000ff sealing")),
            () -> assertTrue(text.out().contains("handshakes, TLSv1.3, full: 5")),
            () -> assertTrue(text.out().contains("  refused as expired, 2 times: " + RefusalReason.EXPIRED.meaning())),
            () -> assertFalse(text.out().contains(RefusalReason.TAMPERED.meaning())),
            () -> assertTrue(text.out().contains("store of ticket-keys: file, healthy")));
    }

    @Test
    void aStoreThatIsNotWellShowsInTheExitCode()
    {
        well = false;
        CommandRun run = CommandRun.of("status", "--url", url);

        assertEquals(1, run.exit());
        assertTrue(run.out().contains(": NOT healthy\n  PROBLEM scope web: the store of ticket-keys: gone\n"), run::out);
    }

    @Test
    void whatThereIsNoneOfIsSaidInWords()
    {
        keys = false;
        CommandRun run = CommandRun.of("status", "--details", "--url", url);

        assertAll(run::out,
            () -> assertEquals(0, run.exit()),
            () -> assertTrue(run.out().contains("ticket keys       none, so handshakes are full or resume by session id")),
            () -> assertTrue(run.out().contains("resumed           no handshakes since the start")),
            () -> assertTrue(run.out().contains("refused           none")),
            () -> assertTrue(run.out().contains("rule gold: handshakes {full=2}, live sessions not counted")),
            () -> assertTrue(run.out().contains("store of session-keys: redis, healthy, last contact never")),
            () -> assertFalse(run.out().contains("null")));
        noKey = 3;
        CommandRun lacking = CommandRun.of("status", "--url", url);
        assertEquals(1, lacking.exit(), lacking::out);
        assertTrue(lacking.out().contains("PROBLEM scope web: there is no ticket key to seal with"), lacking::out);
        noKey = 0;
        off = true;
        CommandRun without = CommandRun.of("status", "--url", url);
        assertTrue(without.out().contains("ticket keys       none, as resumption is off"), without::out);
    }

    @Test
    void lostResumptionShowsInTheExitCodeWhenAskedFor()
    {
        many = true;
        // Of 100 handshakes 90 were resumed. A connector and a version that are off are not judged.
        assertEquals(0, CommandRun.of("status", "--url", url, "--min-share", "90").exit());
        CommandRun below = CommandRun.of("status", "--url", url, "--min-share", "91");
        assertEquals(1, below.exit());
        assertTrue(below.out().contains("https (scope a): TLS 1.3 by ticket, TLS 1.2 off, at most 3600 s\n"), below::out);
        assertTrue(below.out().contains("PROBLEM https, TLSv1.3: less than 91 % resumed: 90 % of 100 since the start\n"), below::out);
        CommandRun wrong = CommandRun.of("status", "--url", url, "--min-share", "0");
        assertEquals(2, wrong.exit());
        assertTrue(wrong.err().contains("--min-share is a number of percent from 1 to 100"), wrong::err);
    }

    @Test
    void theLastMinutesAreJudgedWhenTheServerTellsThem()
    {
        many = true;
        history(HISTORY.formatted("0"));
        CommandRun lost = CommandRun.of("status", "--url", url, "--min-share", "50");
        assertEquals(1, lost.exit(), lost::out);
        assertTrue(lost.out().contains("90 % of 100 since the start; 33 % of 30 in the last minutes"), lost::out);
        assertEquals(0, CommandRun.of("status", "--url", url, "--min-share", "33").exit());
        Map<String, Object> share = StatusCommand.objects(CommandRun.of("status", "--url", url, "--json").json().get("shares")).get(0);
        assertEquals(33L, share.get("recentResumedPercent"), share::toString);
        assertEquals(90L, share.get("resumedPercent"), share::toString);
    }

    @Test
    void tooFewHandshakesAreNotJudged()
    {
        history("{\"interval\": 5, \"seconds\": [], \"series\": []}");

        assertEquals(0, CommandRun.of("status", "--url", url, "--min-share", "100").exit());
    }

    private void history(String json)
    {
        server.createContext("/api/history", exchange -> answer(exchange, 200, json));
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
    void forgetReachesAllScopesAndCountsThem()
    {
        many = true;
        CommandRun run = CommandRun.of("forget", "principal", "alice", "--url", url, "--password-file", passwordFile);
        assertEquals(0, run.exit(), run::err);
        assertEquals("forgotten in 2 of 2 scopes: a, b", run.out().strip());
        assertEquals(List.of("a", "b"), forgotten.stream().map(body -> body.get("scope")).toList());

        CommandRun rule = CommandRun.of("forget", "rule", "gold", "--url", url, "--password-file", passwordFile);
        assertEquals(0, rule.exit(), rule::err);
        assertTrue(rule.out().startsWith("forgotten in 1 of 2 scopes: b\n  scope a: "), rule::out);
        assertTrue(rule.out().contains("there is no rule there"), rule::out);

        Map<String, Object> json = CommandRun.of("forget", "client", "192.0.2.1", "--url", url, "--password-file", passwordFile, "--json")
            .json();
        assertEquals(true, json.get("forgotten"));
        assertEquals(2L, json.get("count"));
    }

    @Test
    void aWrongPasswordIsTriedOnceOnly() throws IOException
    {
        many = true;
        String wrong = Files.writeString(directory.resolve("wrong"), "another").toString();
        CommandRun run = CommandRun.of("forget", "client", "192.0.2.1", "--url", url, "--password-file", wrong);

        assertEquals(3, run.exit());
        assertEquals(1, refused);
    }

    @Test
    void anErrorNamesTheOptionAndIsNotFollowedByTheUsage()
    {
        CommandRun unknown = CommandRun.of("status", "--urll", url);
        CommandRun none = CommandRun.of();

        assertAll(
            () -> assertEquals(2, unknown.exit()),
            () -> assertTrue(unknown.err().contains("--urll"), unknown::err),
            () -> assertTrue(unknown.err().contains("See 'tls-resumption status --help'."), unknown::err),
            () -> assertTrue(unknown.err().lines().count() <= 3, unknown::err),
            () -> assertEquals(2, none.exit()),
            () -> assertTrue(none.err().contains("Missing command: one of check, keys, "), none::err));
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
