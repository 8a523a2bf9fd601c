package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.tlsresumption.cluster.redis.RedisServer;
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
 * What the log tells of a server that begins and of what operators change; and how many connections {@code check} made.
 */
@StartsProcesses
class QuietThingsIT
{
    private static final String PASSWORD = "secret";
    private static final String OF_CHECK = "tls_resumption_check_connections_total";
    private static final Pattern FIRST_KEY = Pattern.compile(
        ":INFO ?:igtk\\.TicketKeyRingManager:[^:]*: Ticket keys: the first one, ([0-9a-f]{16}), was made in (.*): it seals from");
    private static final Pattern PROBES = Pattern.compile("\"connections\":(\\d+)");

    private static JettyBase base(String name)
    {
        return ModuleBase.plain("quiet-" + name).modules("tls-resumption-admin", "tls-resumption-metrics", "jmx")
            .property("jetty.tlsResumption.scope", "public")
            .property("jetty.tlsResumption.admin.port", "0")
            .property("jetty.tlsResumption.admin.password", PASSWORD);
    }

    private static void tellsItsFirstKeyAndNothingIsMissing(JettyBase base, String place)
    {
        try (JettyProcess jetty = base.start())
        {
            Await.until(Duration.ofSeconds(20), () -> FIRST_KEY.matcher(jetty.log()).find(), jetty::log);
            String log = jetty.log();
            Matcher first = FIRST_KEY.matcher(log);
            assertTrue(first.find(), log);
            assertTrue(first.group(2).startsWith(place), log);
            assertFalse(first.find(), log);
            assertFalse(log.contains("here is no ticket key") || log.contains("there are no ticket keys"), log);
            assertFalse(log.lines().anyMatch(line -> line.contains(":WARN") && line.contains("icket key")), log);
            AdminClient admin = new AdminClient(jetty);
            assertTrue(admin.get("/api/status").body().contains(first(log)), log);
            assertTrue(log.contains(": Admin page: http://127.0.0.1:" + admin.port() + "/\n"), log);
            assertTrue(log.contains(": Metrics: http://127.0.0.1:" + admin.port() + "/metrics\n"), log);
            assertEquals(200, admin.get("/").status());
        }
    }

    private static String first(String log)
    {
        Matcher first = FIRST_KEY.matcher(log);
        assertTrue(first.find(), log);
        return first.group(1);
    }

    @OnEachEngine
    @Test
    void aFirstStartWithAFileTellsPageAndFirstKey()
    {
        JettyBase base = base("file");
        tellsItsFirstKeyAndNothingIsMissing(base, "file ");
        try (JettyProcess again = base.start())
        {
            assertFalse(FIRST_KEY.matcher(again.log()).find(), again::log);
        }
    }

    @OnAnyJdk
    @Test
    void aFirstStartWithKeysInMemoryTellsPageAndFirstKey()
    {
        tellsItsFirstKeyAndNothingIsMissing(base("memory").property("jetty.tlsResumption.ticketKeyStore", "memory"), "memory");
    }

    @OnAnyJdk
    @Test
    void aFirstStartWithRedisTellsPageAndFirstKey() throws Exception
    {
        try (RedisServer redis = RedisServer.start())
        {
            tellsItsFirstKeyAndNothingIsMissing(base("redis").modules("tls-resumption-redis")
                .property("jetty.tlsResumption.redis.uri", redis.uri())
                .property("jetty.tlsResumption.ticketKeyPassphrase", PASSWORD), "Redis");
        }
    }

    @OnAnyJdk
    @Test
    void aFirstStartWithADatabaseTellsPageAndFirstKey()
    {
        JettyBase base = base("jdbc");
        tellsItsFirstKeyAndNothingIsMissing(base.property("tls-resumption.jdbc.driver", "h2").modules("tls-resumption-jdbc")
            .property("jetty.tlsResumption.jdbc.url", "jdbc:h2:file:" + base.path().resolve("tls-resumption-db/stores"))
            .property("jetty.tlsResumption.jdbc.user", "jetty")
            .property("jetty.tlsResumption.jdbc.password", PASSWORD)
            .property("jetty.tlsResumption.ticketKeyPassphrase", PASSWORD), "");
    }

    @OnEachEngine
    @Test
    void changesByJmxAndByThePageReadAlike() throws Exception
    {
        try (JettyProcess jetty = base("changes").start(); Jmx jmx = Jmx.connect(jetty))
        {
            AdminClient admin = new AdminClient(jetty);
            String id = "0123456789abcdef".repeat(4);
            jmx.invoke("rotateTicketKeys");
            jmx.invoke("forgetClient", "192.0.2.1");
            jmx.invoke("forgetSession", id);
            jmx.invoke("dropTicketKeys");
            admin.change("/api/keys/rotate", "{\"scope\":\"public\"}", PASSWORD);
            admin.change("/api/forget", "{\"scope\":\"public\",\"kind\":\"client\",\"name\":\"192.0.2.1\"}", PASSWORD);
            admin.change("/api/forget", "{\"scope\":\"public\",\"kind\":\"session\",\"name\":\"" + id + "\"}", PASSWORD);
            admin.change("/api/keys/drop", "{\"scope\":\"public\",\"confirm\":\"drop\"}", PASSWORD);
            List<String> changes = List.of("the ticket keys were rotated", "client 192.0.2.1 was forgotten",
                "session 0123456789abcdef... was forgotten", "the ticket keys were dropped");
            for (String way : List.of("JMX", "the admin page from 127.0.0.1"))
            {
                assertEquals(changes, jetty.log().lines().filter(line -> line.endsWith(", by " + way))
                    .map(line -> line.substring(line.indexOf("Scope public: ") + 14, line.lastIndexOf(", by "))).toList(), jetty::log);
            }
            assertFalse(jetty.log().contains(id), jetty::log);
        }
    }

    /**
     * @return the counters of handshakes and refusals, and of {@code check}, that are not zero
     */
    private static Map<String, Double> counters(JettyProcess jetty)
    {
        Map<String, Double> counters = new TreeMap<>();
        new AdminClient(jetty).get("/metrics").body().lines()
            .filter(line -> line.matches("tls_resumption_(handshakes|refusals|check_connections)_total.*"))
            .forEach(line -> counters.put(line.substring(0, line.lastIndexOf(' ')).replaceAll("connector=\"[^\"]*\",", "")
                .replaceAll("\\{connector=\"[^\"]*\"", "{"), Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        counters.values().removeIf(count -> count == 0);
        return counters;
    }

    private static Map<String, Double> checked(String name, String... options)
    {
        try (JettyProcess jetty = base(name).start())
        {
            List<String> command = new ArrayList<>(List.of("check", "127.0.0.1:" + jetty.port(), "--host", ONE, "--insecure",
                "--other-host", TWO, "--json"));
            command.addAll(List.of(options));
            Cli.Result result = Cli.run(command.toArray(String[]::new));
            assertEquals(0, result.exit(), result::text);
            Map<String, Double> counters = counters(jetty);
            double made = made(result);
            double handshakes = counters.entrySet().stream().filter(counter -> counter.getKey().contains("_handshakes_"))
                .mapToDouble(Map.Entry::getValue).sum();
            assertEquals(made, handshakes, () -> counters + result.text());
            return counters;
        }
    }

    private static double made(Cli.Result result)
    {
        Matcher made = PROBES.matcher(result.text());
        assertTrue(made.find(), result::text);
        return Double.parseDouble(made.group(1));
    }

    @OnEachEngine
    @Test
    void checkIsCountedBesideTheOthersAndHidesNothing()
    {
        Map<String, Double> marked = checked("marked");
        Map<String, Double> unmarked = checked("unmarked", "--no-request");

        String sample = marked.keySet().stream().filter(name -> name.startsWith(OF_CHECK)).findFirst()
            .orElseThrow(() -> new AssertionError(marked.toString()));
        double handshakes = marked.entrySet().stream().filter(counter -> counter.getKey().contains("_handshakes_"))
            .mapToDouble(Map.Entry::getValue).sum();
        double ofCheck = marked.get(sample);
        assertAll(
            () -> assertEquals(handshakes, ofCheck, marked::toString),
            () -> assertTrue(marked.keySet().stream().anyMatch(name -> name.contains("reason=\"wrong-sni\"")), marked::toString),
            () -> assertTrue(marked.keySet().stream().anyMatch(name -> name.contains("reason=\"tampered\"")), marked::toString),
            () -> assertFalse(unmarked.keySet().stream().anyMatch(name -> name.startsWith(OF_CHECK)), unmarked::toString));
        // Nobody sees but by the mark who it is: all else is as without it.
        Map<String, Double> rest = new TreeMap<>(marked);
        rest.remove(sample);
        assertEquals(unmarked, rest);
    }

    @OnAnyJdk
    @Test
    void aForgedMarkSilencesNoReason()
    {
        try (JettyProcess jetty = base("forged").start())
        {
            for (String protocol : List.of(TLS12, TLS13))
            {
                OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(protocol).header("User-Agent: jetty-tls-resumption");
                assertFalse(client.connect().reused());
                assertFalse(client.host(TWO).connect().reused());
            }
            Map<String, Double> counters = counters(jetty);
            assertEquals(4, counters.entrySet().stream().filter(counter -> counter.getKey().contains("result=\"full\""))
                .mapToDouble(Map.Entry::getValue).sum(), counters::toString);
            assertEquals(2, counters.entrySet().stream().filter(counter -> counter.getKey().contains("reason=\"wrong-sni\""))
                .mapToDouble(Map.Entry::getValue).sum(), counters::toString);
            assertEquals(4, counters.entrySet().stream().filter(counter -> counter.getKey().startsWith(OF_CHECK))
                .mapToDouble(Map.Entry::getValue).sum(), counters::toString);
            String overview = new AdminClient(jetty).get("/overview").body();
            assertTrue(overview.contains("Of these 4 handshakes, full and resumed, 4 by the command check"), overview);
            assertTrue(overview.contains("wrong-sni"), overview);
        }
    }
}
