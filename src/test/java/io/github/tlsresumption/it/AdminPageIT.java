package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.github.tlsresumption.admin.AdminApi;
import io.github.tlsresumption.admin.AdminServer;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The page and the API of the module tls-resumption-admin, in a browser and by curl.
 */
@OnAnyJdk
@StartsProcesses
class AdminPageIT
{
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String PASSWORD = "correct horse";
    private static final String PASSWORD_FIELD = ".change .password";
    private static final String SCOPE = "{\"scope\":\"public\"}";
    private static final String RULES_FILE = "etc/rules";
    private static final String RULES = "machines host=" + TWO + " mode=cache maxDuration=1h\n";
    private static JettyProcess jetty;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws IOException
    {
        JettyBase base = ModuleBase.probed("admin", "ticket", "cache")
            .modules("tls-resumption-admin", "tls-resumption-metrics")
            .property("jetty.tlsResumption.scope", "public")
            .file(RULES_FILE, RULES)
            .property("jetty.tlsResumption.rulesFile", RULES_FILE)
            .property("jetty.tlsResumption.admin.port", "0")
            .file("etc/password", PASSWORD + "\n")
            .property("jetty.tlsResumption.admin.passwordFile", "etc/password");
        Files.setPosixFilePermissions(base.path().resolve("etc/password"), PosixFilePermissions.fromString("rw-------"));
        jetty = base.start();
        chromium = new Chromium(ModuleBase.twoHosts());
    }

    @AfterAll
    static void stop()
    {
        if (chromium != null)
        {
            chromium.close();
        }
        if (jetty != null)
        {
            jetty.close();
        }
    }

    private static AdminClient admin()
    {
        return new AdminClient(jetty);
    }

    private static Object value(String expression)
    {
        return chromium.evaluate(expression);
    }

    private static String text(String selector)
    {
        return String.valueOf(value("document.querySelector(" + quoted(selector) + ")?.textContent"));
    }

    private static String quoted(String text)
    {
        return "'" + text + "'";
    }

    private static void await(String expression)
    {
        Await.until(LIMIT, () -> Boolean.TRUE.equals(value(expression)), () -> expression + " in\n" + value("document.body.innerText"));
    }

    private static void open()
    {
        Chromium.Page page = chromium.load("http://localhost:" + admin().port() + "/");
        assertEquals(200, page.status());
        await("document.querySelector('.rotate') !== null");
    }

    private static void openChanges()
    {
        open();
        value("document.querySelector('.change').open = true");
    }

    private static void enter(String selector, String text)
    {
        value("document.querySelector(" + quoted(selector) + ").focus()");
        value("document.activeElement.select()");
        chromium.type(text);
    }

    private static void result(String beginning)
    {
        await("document.getElementById('result').textContent.startsWith(" + quoted(beginning) + ")");
    }

    private static Map<String, Object> connector()
    {
        List<Object> connectors = list(admin().get("/api/status").json().get("connectors"));
        assertEquals(1, connectors.size());
        return object(connectors.get(0));
    }

    private static Map<String, Object> object(Object json)
    {
        Map<String, Object> typed = new LinkedHashMap<>();
        ((Map<?, ?>)json).forEach((name, value) -> typed.put((String)name, value));
        return typed;
    }

    private static List<Object> list(Object json)
    {
        return json instanceof Object[] array ? List.of(array) : List.copyOf((List<?>)json);
    }

    private static long version()
    {
        return ((Number)object(connector().get("ring")).get("version")).longValue();
    }

    private static void connect(OpenSsl client, int times, boolean resumed)
    {
        for (int i = 0; i < times; i++)
        {
            OpenSsl.Result result = client.connect();
            assertEquals(resumed, result.reused(), result::output);
        }
    }

    @Test
    void theChartRisesWhileOpenSslResumes()
    {
        open();
        await("document.querySelector('.chart') !== null");
        // What other tests did is in the history then.
        long start = System.currentTimeMillis() / 1_000;
        Await.until(LIMIT, () -> lastSecond() > start, () -> "no history");
        OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS13);
        int before = resumed();
        connect(client, 1, false);
        connect(client, 3, true);
        Await.until(LIMIT, () -> charted() == before + 3, () -> before + " " + charted() + " " + text("body"));
        connect(client, 2, true);
        Await.until(LIMIT, () -> charted() == before + 5, () -> before + " " + charted() + " " + text("body"));
        assertTrue(text(".verdict").contains("\u00a0% resumed: "), text(".verdict"));
        // A bar can be seen, be it of a single handshake.
        assertEquals(true, value("[...document.querySelectorAll('.chart rect.resumed')].some(bar => bar.getBBox().height >= 2)"));
        assertTrue(text("[data-overview]").contains("\u00a0%"), text("[data-overview]"));
        theFiguresOfABarAreShownToMouseAndKeyboard();
    }

    private static void theFiguresOfABarAreShownToMouseAndKeyboard()
    {
        value("(bar => document.querySelector('.chart').dispatchEvent("
            + "new PointerEvent('pointermove', {clientX: bar.left + bar.width / 2})))"
            + "([...document.querySelectorAll('.chart rect.resumed')].pop().getBoundingClientRect())");
        assertTrue(text(".hint").matches("\\d\\d:\\d\\d:\\d\\d to .*\\d+ resumed, \\d+ full\\d+\u00a0% of .* per second"),
            text(".hint"));
        value("document.querySelector('.chart').dispatchEvent(new PointerEvent('pointerleave'))");
        assertEquals("", text(".hint"));
        value("document.querySelector('.chart').focus()");
        chromium.press("ArrowLeft");
        assertTrue(text("figure .spoken").contains(" resumed, "), text("figure .spoken"));
        assertEquals(true, value("document.querySelector('.hint').children.length > 0"));
    }

    private static long lastSecond()
    {
        return list(admin().get("/api/history").json().get("seconds")).stream().mapToLong(second -> (Long)second).max().orElse(0);
    }

    private static int resumed()
    {
        return list(admin().get("/api/history").json().get("series")).stream()
            .map(AdminPageIT::object)
            .filter(series -> series.get("protocol").equals(TLS13) && !series.get("result").equals("full"))
            .flatMap(series -> list(series.get("counts")).stream())
            .mapToInt(count -> ((Long)count).intValue())
            .sum();
    }

    private static int charted()
    {
        String label = (String)value("document.querySelector('.chart').getAttribute('aria-label')");
        return Pattern.compile("TLSv1\\.3 resumed (\\d+)").matcher(label).results()
            .mapToInt(found -> Integer.parseInt(found.group(1)))
            .sum();
    }

    @Test
    void clientsAreShownByRuleAndRulesThatGoAreGone() throws IOException
    {
        OpenSsl client = ModuleBase.openSsl(jetty, TWO, TLS13);
        long full = handshakes("machines", "full");
        long cache = handshakes("machines", "cache");
        long others = handshakes("(default)", "full");
        connect(client, 1, false);
        connect(client, 2, true);
        connect(ModuleBase.openSsl(jetty, ONE, TLS13), 1, false);
        assertEquals(full + 1, handshakes("machines", "full"));
        assertEquals(cache + 2, handshakes("machines", "cache"));
        assertEquals(others + 1, handshakes("(default)", "full"));
        long live = (Long)rule("machines").orElseThrow().get("liveSessions");
        assertTrue(live > 0);
        open();
        await("document.querySelector('[data-rule=machines]') !== null");
        assertEquals("machinescache1\u00a0h" + (full + cache + 3) + (cache + 2)
            + Math.round(100.0 * (cache + 2) / (full + cache + 3)) + "\u00a0%" + live,
            text("[data-rule=machines]"));

        replaceRules("renamed host=" + TWO + " mode=cache\n");
        Await.until(LIMIT, () -> rule("machines").isEmpty(), () -> connector().toString());
        connect(client, 1, true);
        assertEquals(1, handshakes("renamed", "cache"));
        await("document.querySelector('[data-rule=machines]') === null && document.querySelector('[data-rule=renamed]') !== null");
        String metrics = admin().get("/metrics").body();
        assertTrue(metrics.contains("rule=\"renamed\""), metrics);
        assertFalse(metrics.contains("rule=\"machines\""), metrics);
        replaceRules(RULES);
        Await.until(LIMIT, () -> rule("machines").isPresent(), () -> connector().toString());
    }

    private static void replaceRules(String rules) throws IOException
    {
        Path file = jetty.base().path().resolve(RULES_FILE);
        Files.move(Files.writeString(file.resolveSibling("rules.new"), rules), file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Optional<Map<String, Object>> rule(String name)
    {
        return list(connector().get("rules")).stream().map(AdminPageIT::object).filter(rule -> rule.get("rule").equals(name)).findFirst();
    }

    private static long handshakes(String rule, String result)
    {
        return (Long)object(rule(rule).orElseThrow().get("handshakes")).get(result);
    }

    @Test
    void theCommandLineShowsWhatTheApiDoes()
    {
        connect(ModuleBase.openSsl(jetty, ONE, TLS13), 1, false);
        String url = "http://127.0.0.1:" + admin().port();
        Cli.Result status = Cli.run("status", "--details", "--url", url);
        Map<String, Object> connector = connector();
        String keyId = (String)object(list(object(connector.get("ring")).get("keys")).get(0)).get("id");
        assertAll(status::text,
            () -> assertEquals(0, status.exit()),
            () -> assertTrue(status.text().contains(connector.get("name") + " (scope public): TLS 1.3 by ticket, TLS 1.2 by cache, at most "
                + "86400 s")),
            () -> assertTrue(status.text().contains(keyId)),
            () -> assertTrue(status.text().contains("rule machines: handshakes {")),
            () -> assertTrue(status.text().contains("store of ticket-keys: ")),
            () -> assertFalse(status.text().contains("null")));

        Cli.Result json = Cli.run("status", "--url", url, "--json");
        assertEquals(connector.keySet(), object(list(json.json().get("connectors")).get(0)).keySet());
        Map<String, Object> counted = object(list(json.json().get("connectors")).get(0));
        assertEquals(12, list(counted.get("handshakes")).size());
        assertEquals(2, list(counted.get("rules")).size());
        assertEquals(true, json.json().get("healthy"));
        assertEquals(3, list(json.json().get("shares")).size());
    }

    @Test
    void theCommandLineForgetsWithTheRightPasswordOnly()
    {
        String url = "http://localhost:" + admin().port();
        String right = jetty.base().path().resolve("etc/password").toString();
        jetty.base().file("etc/wrong", "wrong");
        String wrong = jetty.base().path().resolve("etc/wrong").toString();
        OpenSsl client = ModuleBase.openSsl(jetty, TWO, TLS13);
        connect(client, 1, false);
        Cli.Result refused = Cli.run("forget", "rule", "machines", "--url", url, "--password-file", wrong);
        Cli.Result unknown = Cli.run("forget", "rule", "planet", "--url", url, "--password-file", right);
        assertAll(
            () -> assertEquals(3, refused.exit(), refused::text),
            () -> assertTrue(refused.text().contains("a change needs the user admin and the right password"), refused::text),
            () -> assertEquals(3, unknown.exit(), unknown::text),
            () -> assertTrue(unknown.text().contains("there is no rule 'planet': use [machines]"), unknown::text));
        connect(client, 1, true);

        Cli.Result forgotten = Cli.run("forget", "rule", "machines", "--url", url, "--password-file", right);
        assertEquals(0, forgotten.exit(), forgotten::text);
        assertEquals("forgotten", forgotten.text().strip());
        connect(client, 1, false);
        connect(client, 1, true);
        Cli.Result everyone = Cli.run("forget", "everyone", "--yes", "--scope", "public", "--url", url, "--password-file", right, "--json");
        assertEquals(Map.of("forgotten", true), everyone.json());
        connect(client, 1, false);
    }

    @Test
    void keysAreRotatedByKeyboardAndSessionsGoOn()
    {
        OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS13);
        connect(client, 1, false);
        long before = version();
        openChanges();

        enter(PASSWORD_FIELD, "wrong");
        value("document.querySelector('.rotate button').focus()");
        chromium.press("Enter");
        result("Not done: a change needs the user admin and the right password");
        assertEquals(true, value("document.activeElement.matches('" + PASSWORD_FIELD + "')"));
        assertEquals(before, version());

        enter(PASSWORD_FIELD, PASSWORD);
        for (int i = 0; i < 10 && !Boolean.TRUE.equals(value("document.activeElement.matches('.rotate button')")); i++)
        {
            chromium.press("Tab");
        }
        chromium.press("Enter");
        result("There is a new ticket key");
        assertEquals(before + 1, version());
        await("document.querySelectorAll('rect.sealing').length > 2");
        connect(client, 1, true);
    }

    @Test
    void aSessionIsForgottenAndThePageSaysWhyItDidNotResume()
    {
        OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS13).path(Probe.PATH + "session");
        Object id = client.connect().reply().json().get("id");
        connect(client, 1, true);
        openChanges();
        enter(PASSWORD_FIELD, PASSWORD);
        enter(".forget input", (String)id);
        chromium.press("Enter");
        result("Forgotten");
        connect(client, 1, false);
        await("document.querySelector('[data-reason=forgotten]') !== null");
        assertTrue(text("[data-reason=forgotten]").contains("The session was forgotten"));

        enter(".forget input", "not an id");
        chromium.press("Enter");
        result("Not done: ");
    }

    @Test
    void allKeysAreDroppedOnlyByWhoTypesTheWord()
    {
        List<OpenSsl> clients = List.of(ModuleBase.openSsl(jetty, ONE, TLS13), ModuleBase.openSsl(jetty, ONE, TLS12));
        clients.forEach(client -> connect(client, 1, false));
        long before = version();
        openChanges();
        enter(PASSWORD_FIELD, PASSWORD);
        assertEquals(true, value("document.querySelector('.drop button').disabled"));
        enter(".drop input", "dro");
        chromium.press("Enter");
        assertEquals(true, value("document.querySelector('.drop button').disabled"));
        chromium.type("p");
        chromium.press("Enter");
        result("All ticket keys were dropped");
        assertTrue(version() > before);
        clients.forEach(client -> connect(client, 1, false));
        assertEquals(400, admin().change("/api/keys/drop", SCOPE, PASSWORD).status());
    }

    @Test
    void everyoneIsForgottenOnlyByWhoTypesTheWord()
    {
        OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS13);
        connect(client, 1, false);
        connect(client, 1, true);
        openChanges();
        enter(PASSWORD_FIELD, PASSWORD);
        value("(kind => { kind.value = 'everyone'; kind.dispatchEvent(new Event('change')); })(document.querySelector('.forget select'))");
        assertEquals(true, value("document.querySelector('.forget button').disabled"));
        enter(".forget input", "everyon");
        chromium.press("Enter");
        assertEquals(true, value("document.querySelector('.forget button').disabled"));
        connect(client, 1, true);
        chromium.type("e");
        chromium.press("Enter");
        result("Forgotten");
        connect(client, 1, false);
    }

    @Test
    void readingAsksForThePasswordWhereThatIsSet() throws Exception
    {
        Server server = new Server();
        AdminServer locked = new AdminServer();
        locked.setPort(0);
        locked.setPassword(PASSWORD);
        locked.setAuthenticateReads(true);
        AdminApi.install(locked, server);
        server.addBean(locked);
        server.start();
        try
        {
            chromium.load("http://localhost:" + locked.getLocalPort() + "/");
            await("document.getElementById('problem').textContent === 'Reading needs the password.'");
            enter("#login input", "wrong");
            chromium.press("Enter");
            await("document.getElementById('problem').textContent === 'That is not the password.'");
            enter("#login input", PASSWORD);
            chromium.press("Enter");
            await("document.getElementById('scopes').textContent.startsWith('No connector of this server')");
            assertEquals(true, value("document.getElementById('login').hidden && document.getElementById('problem').hidden"));
        }
        finally
        {
            server.stop();
        }
    }

    @Test
    void thePlainPageSaysWhatMatters()
    {
        connect(ModuleBase.openSsl(jetty, ONE, TLS13), 1, false);
        String plain = admin().get("/overview").body();
        Map<String, Object> connector = connector();
        String keyId = (String)object(list(object(connector.get("ring")).get("keys")).get(0)).get("id");
        assertTrue(plain.contains((String)connector.get("name")) && plain.contains(keyId), plain);
    }

    @ParameterizedTest
    @CsvSource({"1280,light", "1280,dark", "360,light", "390,dark"})
    void thePageFitsItsWindow(int width, String scheme)
    {
        OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS13);
        connect(client, 1, false);
        connect(client, 2, true);
        chromium.view(width, 800, scheme);
        open();
        await("document.querySelectorAll('.ring rect').length > 3");
        value("document.querySelectorAll('details').forEach(one => { one.open = true; })");
        // They are drawn again in the width that they have then.
        await("document.querySelector('.ring').viewBox.baseVal.width <= document.querySelector('.ring').clientWidth + 1");
        long wide = ((Number)value("document.documentElement.scrollWidth")).longValue();
        assertTrue(wide <= width, "as wide as " + wide);
        assertEquals(0L, value("[...document.querySelectorAll('.card')].filter(card => card.scrollWidth > card.clientWidth).length"));
        // Text of the chart is as large as it says.
        assertEquals(true, value("(chart => Math.abs(chart.viewBox.baseVal.width / chart.clientWidth - 1) < 0.1)"
            + "(document.querySelector('.chart'))"));
        String colour = (String)value("getComputedStyle(document.body).backgroundColor");
        assertEquals(scheme.equals("light") ? "rgb(246, 247, 249)" : "rgb(15, 19, 24)", colour);
        // Everything that can be used has a name.
        assertEquals(0L, value("[...document.querySelectorAll('input, select')].filter(one => one.labels.length === 0).length"));
        chromium.view(width, ((Number)value("document.documentElement.scrollHeight")).intValue(), scheme);
        chromium.picture(JettyHome.scratch().resolve("admin-" + width + "-" + scheme + ".png"));
        chromium.view(1280, 800, "light");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/admin.js", "/favicon.svg", "/overview", "/api/status", "/metrics", "/nothing", "/api/keys/rotate"})
    void everyAnswerHasTheHeadersThatProtectIt(String path)
    {
        String answer = admin().getRaw(path);
        assertAll(
            () -> assertTrue(answer.contains("Content-Security-Policy: default-src 'none'; script-src 'self';"), answer),
            () -> assertFalse(answer.contains("unsafe-inline"), answer),
            () -> assertTrue(answer.contains("X-Content-Type-Options: nosniff"), answer),
            () -> assertTrue(answer.contains("Cache-Control: no-store"), answer),
            () -> assertFalse(answer.contains("Access-Control-Allow"), answer),
            () -> assertFalse(answer.contains("Server: "), answer));
    }

    @Test
    void nothingIsChangedWithoutPasswordHeaderAndTheRightPlace()
    {
        long before = version();
        String path = "/api/keys/rotate";
        String header = "X-Tls-Resumption: 1";
        String user = "admin:" + PASSWORD;
        String host = "localhost:" + admin().port();
        assertAll(
            () -> assertEquals(401, admin().post(path, SCOPE, "--header", header).status()),
            () -> assertEquals(401, admin().change(path, SCOPE, "wrong").status()),
            () -> assertEquals(401, admin().post(path, SCOPE, "--header", header, "--user", "root:" + PASSWORD).status()),
            () -> assertEquals(403, admin().post(path, SCOPE, "--user", user).status()),
            () -> assertEquals(403, admin().post(path, SCOPE, "--header", header, "--user", user,
                "--header", "Origin: http://evil.example").status()),
            () -> assertEquals(403, admin().post(path, SCOPE, "--header", header, "--user", user, "--header", "Origin: null").status()),
            () -> assertEquals(403, admin().post(path, SCOPE, "--header", header, "--user", user,
                "--header", "Host: rebound.example:" + admin().port()).status()),
            () -> assertEquals(403, admin().get("/api/status", "--header", "Host: rebound.example").status()),
            () -> assertEquals(405, admin().get(path).status()),
            () -> assertEquals(405, admin().post("/api/status", "{}", "--header", header, "--user", user).status()),
            () -> assertEquals(405, admin().get("/api/status", "--request", "DELETE").status()),
            () -> assertEquals(400, admin().change(path, "{}", PASSWORD).status()),
            () -> assertEquals(400, admin().change(path, "no JSON", PASSWORD).status()),
            () -> assertEquals(400, admin().change(path, "{\"class\":\"java.lang.Object\"}", PASSWORD).status()),
            () -> assertEquals(400, admin().change(path, "{\"scope\":\"another\"}", PASSWORD).status()),
            () -> assertEquals(413, admin().change(path, " ".repeat(5_000) + SCOPE, PASSWORD).status()),
            () -> assertEquals(before, version()));
        HttpReply rotated = admin().post(path, SCOPE, "--header", header, "--user", user, "--header", "Host: " + host,
            "--header", "Origin: http://" + host);
        assertEquals(200, rotated.status(), rotated::body);
        assertEquals(before + 1, version());
        assertFalse(jetty.log().contains(PASSWORD));
    }

    @Test
    void whatIsForgottenByTheApiIsForgotten()
    {
        OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS12);
        connect(client, 1, false);
        connect(client, 1, true);
        String body = "{\"scope\":\"public\",\"kind\":\"%s\",\"name\":\"%s\"}";
        assertEquals(200, admin().change("/api/forget", body.formatted("client", "127.0.0.1"), PASSWORD).status());
        connect(client, 1, false);
        assertAll(
            () -> assertEquals(200, admin().change("/api/forget", body.formatted("principal", "somebody"), PASSWORD).status()),
            () -> assertEquals(200, admin().change("/api/forget", body.formatted("everyone", ""), PASSWORD).status()),
            () -> assertEquals(400, admin().change("/api/forget", body.formatted("rule", "none"), PASSWORD).status()),
            () -> assertEquals(400, admin().change("/api/forget", body.formatted("client", "nonsense"), PASSWORD).status()),
            () -> assertEquals(400, admin().change("/api/forget", body.formatted("planet", "x"), PASSWORD).status()));
    }

    @Test
    void theStatusHasWhatTheCommandLineReads()
    {
        Map<String, Object> connector = connector();
        Set<String> names = new TreeSet<>(connector.keySet());
        assertTrue(names.containsAll(Set.of("scope", "name", "mode", "resumes", "maxSessionDuration", "handshakes", "refusals",
            "liveSessions", "ring", "forgotten", "stores", "rules")), names::toString);
        Map<String, Object> ring = object(connector.get("ring"));
        assertTrue(ring.keySet().containsAll(Set.of("version", "exposure", "nextRotation", "keys")), ring::toString);
        assertEquals(Set.of("id", "created", "sealsFrom", "sealsUntil", "opensUntil", "state"),
            object(list(ring.get("keys")).get(0)).keySet());
        assertEquals(Set.of("store", "place", "well", "lastContact", "lag", "version", "age", "problem"),
            object(list(connector.get("stores")).get(0)).keySet());
    }
}
