package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What the module tls-resumption-metrics shows to Prometheus.
 */
@OnAnyJdk
@StartsProcesses
class MetricsIT
{
    private static final String DASHBOARD = "etc/tls-resumption-dashboard.json";
    private static final String ALERTS = "etc/tls-resumption-alerts.yml";
    private static final Pattern SAMPLE =
        Pattern.compile("([a-z_]+)(\\{[a-z]+=\"[^\"]*\"(?:,[a-z]+=\"[^\"]*\")*\\})? (-?[0-9.]+(?:E-?[0-9]+)?|NaN|\\+Inf)");
    private static final Pattern NAME = Pattern.compile("tls_resumption_[a-z_]+");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(tls_resumption_[a-z_]+)`");
    private static final Pattern EXPRESSION = Pattern.compile("\"expr\": (\"(?:[^\"\\\\]|\\\\.)*\")");
    private static JettyProcess jetty;

    @BeforeAll
    static void start()
    {
        jetty = ModuleBase.probed("metrics", "ticket", "cache")
            .modules("tls-resumption-metrics", "jmx")
            .property("jetty.tlsResumption.scope", "public")
            .property("jetty.tlsResumption.admin.port", "0")
            .start();
    }

    @AfterAll
    static void stop()
    {
        if (jetty != null)
        {
            jetty.close();
        }
    }

    private static String scrape()
    {
        HttpReply reply = new AdminClient(jetty).get("/metrics");
        assertEquals(200, reply.status());
        return reply.body();
    }

    /**
     * @return the value of each sample by its name and labels
     */
    private static Map<String, Double> parse(String text)
    {
        Map<String, Double> samples = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line ->
        {
            Matcher sample = SAMPLE.matcher(line);
            assertTrue(sample.matches(), line);
            String labels = sample.group(2) == null ? "" : sample.group(2).replaceAll("connector=\"[^\"]*\",?", "").replace(",}", "}");
            double value = sample.group(3).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(sample.group(3));
            assertEquals(null, samples.put(sample.group(1) + labels, value), line);
        });
        return samples;
    }

    private static String handshakes(String protocol, String result)
    {
        return "tls_resumption_handshakes_total{protocol=\"" + protocol + "\",result=\"" + result + "\",scope=\"public\"}";
    }

    private static void connect(String protocol, int times)
    {
        OpenSsl client = ModuleBase.openSsl(jetty, ONE, protocol);
        for (int i = 0; i < times; i++)
        {
            OpenSsl.Result result = client.connect();
            assertEquals(i > 0, result.reused(), result::output);
        }
    }

    @OnEachEngine
    @Test
    void countersRiseByExactlyWhatHappened()
    {
        Map<String, Double> before = parse(scrape());
        connect(TLS13, 4);
        connect(TLS12, 3);
        OpenSsl elsewhere = ModuleBase.openSsl(jetty, ONE, TLS13);
        elsewhere.connect();
        assertFalse(elsewhere.host(TWO).connect().reused());
        Map<String, Double> after = parse(scrape());

        Map<String, Double> rises = new HashMap<>();
        after.forEach((sample, value) ->
        {
            double rise = value - before.get(sample);
            if (rise != 0 && sample.matches("tls_resumption_(handshakes|refusals)_total.*|.*_seconds_count.*"))
            {
                rises.put(sample, rise);
            }
        });
        assertEquals(Map.of(
            handshakes(TLS13, "full"), 3.0,
            handshakes(TLS13, "ticket"), 3.0,
            handshakes(TLS12, "full"), 1.0,
            handshakes(TLS12, "cache"), 2.0,
            "tls_resumption_refusals_total{reason=\"wrong-sni\",scope=\"public\"}", 1.0,
            "tls_resumption_open_seconds_count{scope=\"public\"}", 6.0,
            "tls_resumption_seal_seconds_count{scope=\"public\"}", 7.0,
            "tls_resumption_session_age_seconds_count{scope=\"public\"}", 5.0), rises);
        assertAll(
            () -> assertEquals(1, after.get("tls_resumption_live_sessions{scope=\"public\"}")
                - before.get("tls_resumption_live_sessions{scope=\"public\"}")),
            () -> assertEquals(1, after.get("tls_resumption_ticket_keys{scope=\"public\",state=\"sealing\"}")),
            () -> assertEquals(1, after.get("tls_resumption_store_up{scope=\"public\",store=\"ticket-keys\"}")),
            () -> assertEquals(0, after.get("tls_resumption_forgotten{scope=\"public\"}")),
            () -> assertEquals(86_400, after.get("tls_resumption_max_session_duration_seconds{scope=\"public\"}")),
            // 12 hours of sealing, and 24 more of opening.
            () -> assertEquals(36 * 3_600, after.get("tls_resumption_exposure_seconds{scope=\"public\"}")),
            () -> assertTrue(after.get("tls_resumption_next_rotation_seconds{scope=\"public\"}") > 40_000),
            () -> assertTrue(after.get("tls_resumption_open_seconds_bucket{scope=\"public\",le=\"+Inf\"}") >= 6));
    }

    @Test
    void toLookChangesNothing()
    {
        for (String protocol : List.of(TLS13, TLS12))
        {
            OpenSsl client = ModuleBase.openSsl(jetty, ONE, protocol);
            // One without tickets is in SunJSSE's own cache.
            OpenSsl byId = ModuleBase.openSsl(jetty, ONE, TLS12).noTicket();
            client.connect();
            byId.connect();
            String before = counters(scrape());
            for (int i = 0; i < 5; i++)
            {
                assertEquals(before, counters(scrape()));
            }
            assertTrue(client.connect().reused());
            assertTrue(byId.connect().reused());
        }
    }

    private static String counters(String text)
    {
        return text.lines().filter(line -> line.contains("_total{") || line.contains("_count{")).collect(Collectors.joining("\n"));
    }

    @Test
    void prometheusTakesIt()
    {
        List<String> command = List.of(Tools.require("promtool").toString(), "check", "metrics");
        Command.Output output = Command.run(null, command, scrape().getBytes(StandardCharsets.UTF_8));
        assertEquals("", output.succeeded().text());
    }

    @Test
    void dashboardAndAlertsHaveOnlyMetricsThatThereAreAndTheDocumentHasAll() throws IOException
    {
        String scrape = scrape();
        Set<String> there = names(NAME, scrape);
        String dashboard = Files.readString(Path.of(DASHBOARD));
        assertEquals("Jetty TLS resumption", HttpReply.json(dashboard).get("title"));
        Set<String> shown = names(NAME, dashboard);
        assertTrue(shown.size() > 10, shown::toString);
        assertTrue(there.containsAll(shown), () -> shown + " but " + there);
        Set<String> watched = names(NAME, Files.readString(Path.of(ALERTS)));
        assertTrue(watched.size() > 4, watched::toString);
        assertTrue(there.containsAll(watched), () -> watched + " but " + there);
        for (String file : List.of(DASHBOARD, ALERTS))
        {
            assertEquals(Files.readString(Path.of(file)), Files.readString(jetty.base().path().resolve(file)));
        }
        assertEquals(names(TYPE, scrape), names(ROW, Files.readString(Path.of("docs/monitoring.md"))));
    }

    @Test
    void alertsAreGivenInTheirCasesOnly()
    {
        String promtool = Tools.require("promtool").toString();
        Command.run(null, List.of(promtool, "check", "rules", "--lint=all", "--lint-fatal", ALERTS)).succeeded();
        Command.run(null, List.of(promtool, "test", "rules", "src/test/prometheus/alerts-test.yml")).succeeded();
    }

    @Test
    void prometheusUnderstandsTheDashboard() throws IOException
    {
        // As a JSON text is written, so is one in YAML.
        List<String> expressions = EXPRESSION.matcher(Files.readString(Path.of(DASHBOARD))).results()
            .map(found -> found.group(1))
            .toList();
        assertTrue(expressions.size() > 15, expressions::toString);
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        for (int i = 0; i < expressions.size(); i++)
        {
            rules.append("  - record: panel:").append(i).append("\n    expr: ").append(expressions.get(i)).append('\n');
        }
        Path file = Files.writeString(jetty.base().path().resolve("dashboard.yml"), rules);
        Command.run(null, List.of(Tools.require("promtool").toString(), "check", "rules", file.toString())).succeeded();
    }

    @Test
    void theProgramOfTheDocumentAsksByJmx() throws IOException
    {
        Path program = Files.writeString(jetty.base().path().resolve("Jmx.java"),
            ApplicationJar.code("docs/monitoring.md", "class Jmx"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String text = Command.run(null, List.of(java, program.toString(), String.valueOf(jetty.serverPid()), "handshakes",
            "nextRotation")).succeeded().text();
        assertTrue(text.matches("(?s)io.github.tlsresumption:type=resumptionsslcontextfactory,.*\n"
            + "  handshakes: \\{cache=\\d+, full=\\d+, .*\\}\n  nextRotation: .*Z\n"), text);
    }

    private static Set<String> names(Pattern pattern, String text)
    {
        Set<String> names = new TreeSet<>();
        pattern.matcher(text).results().forEach(name -> names.add(name.group(name.groupCount())));
        return names;
    }

    @Test
    void nothingOfItIsOnThePublicPortAndNothingElseOnItsOwn()
    {
        OpenSsl.Result result = OpenSsl.client(jetty.port()).host(ONE).path("/metrics").connect();
        assertEquals(404, result.reply().status(), result::output);
        AdminClient admin = new AdminClient(jetty);
        assertEquals(404, admin.get(Probe.PATH).status());
        assertEquals(403, admin.get("/metrics", "--header", "Host: rebound.example").status());
    }
}
