package io.github.tlsresumption.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.eclipse.jetty.util.ajax.JSON;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * {@code report --quick} on real key stores. Times are not looked at but where they differ by a signature.
 */
@OnAnyJdk
@StartsProcesses
class ReportIT
{
    @ParameterizedTest
    @EnumSource(KeyMaterial.Algorithm.class)
    @SuppressWarnings("unchecked")
    void measuresAndRecommends(KeyMaterial.Algorithm algorithm) throws Exception
    {
        Path out = JettyHome.scratch().resolve("report-" + algorithm + "-" + ProcessHandle.current().pid());
        Files.createDirectories(out);
        Path password = Files.writeString(out.resolve("password"), KeyMaterial.PASSWORD + "\n");
        Path keyStore = KeyMaterial.server(algorithm, ONE);

        long start = System.nanoTime();
        Cli.Result result = Cli.run("report", "--keystore", keyStore.toString(), "--keystore-password-file", password.toString(),
            "--quick", "--out", out.toString());
        System.out.printf("report --quick, %s: %.1f s%n", algorithm, (System.nanoTime() - start) / 1e9);

        assertEquals(0, result.exit(), result::text);
        String text = Files.readString(out.resolve("report.json"));
        Map<String, Object> json = (Map<String, Object>)new JSON().fromJSON(text);
        List<Map<String, Object>> rows = Arrays.stream((Object[])json.get("handshakes")).map(row -> (Map<String, Object>)row).toList();
        assertEquals(13, rows.size(), text);
        for (Map<String, Object> row : rows)
        {
            Map<String, Object> times = (Map<String, Object>)row.get("cpuNanos");
            assertAll(
                () -> assertEquals(!((String)row.get("way")).endsWith("FULL"), row.get("resumes"), row::toString),
                () -> assertTrue((Long)times.get("p25") > 0, row::toString),
                () -> assertTrue((Long)times.get("p25") <= (Long)times.get("median"), row::toString),
                () -> assertTrue((Long)times.get("median") <= (Long)times.get("p99"), row::toString),
                () -> assertTrue((Long)row.get("bytesToServer") > 100, row::toString),
                () -> assertTrue((Long)row.get("bytesToClient") > 100, row::toString));
        }
        if (algorithm == KeyMaterial.Algorithm.RSA)
        {
            assertTrue(median(rows, "STOCK_CACHE", TLS12) < median(rows, "FULL", TLS12), text);
        }
        // The client sends the ticket and the server no certificate.
        for (String protocol : List.of(TLS12, TLS13))
        {
            assertTrue(bytes(rows, "TICKET", protocol, "bytesToServer") > bytes(rows, "FULL", protocol, "bytesToServer") + 100, text);
            assertTrue(bytes(rows, "TICKET", protocol, "bytesToClient") < bytes(rows, "FULL", protocol, "bytesToClient") - 100, text);
        }
        for (Object each : (Object[])json.get("memory"))
        {
            Map<String, Object> use = (Map<String, Object>)each;
            assertTrue((Long)use.get("low") < (Long)use.get("high"), text);
        }
        Map<String, Object> recommendation = (Map<String, Object>)json.get("recommendation");
        boolean isConclusive = recommendation.get("verdict").equals("conclusive");
        assertTrue(isConclusive || recommendation.get("verdict").equals("inconclusive"), text);
        System.out.printf("report --quick, %s: %s%n", algorithm, recommendation.get("answer"));
        if (isConclusive)
        {
            assertTrue(List.of("cache", "off").contains(recommendation.get("tls12Mode")), text);
        }
        assertEquals(isConclusive, recommendation.containsKey("mode"), text);
        assertEquals(isConclusive, recommendation.containsKey("tls12Mode"), text);
        String chosen = isConclusive ? ((String)recommendation.get("mode")).toUpperCase(Locale.ROOT) : "";
        if (!(Boolean)json.get("quiet"))
        {
            assertFalse(isConclusive, text);
        }
        for (Map<String, Object> row : rows)
        {
            Map<String, Object> times = (Map<String, Object>)row.get("cpuNanos");
            Map<String, Object> full = row(rows, ((String)row.get("way")).startsWith("STOCK") ? "STOCK_FULL" : "FULL",
                (String)row.get("protocol"));
            assertTrue((Long)times.get("low") <= (Long)times.get("median"), row::toString);
            assertTrue((Long)times.get("median") <= (Long)times.get("high"), row::toString);
            Map<String, Object> gain = (Map<String, Object>)row.get("gain");
            assertEquals(full == row, gain == null, row::toString);
            boolean isClear = (Boolean)json.get("quiet") && (Long)row.get("rounds") >= 10
                && (Long)times.get("high") < (Long)((Map<String, Object>)full.get("cpuNanos")).get("low");
            if (gain != null)
            {
                assertEquals(isClear, gain.get("conclusive"), row::toString);
            }
            if (chosen.equals(row.get("way")) && row.get("protocol").equals(TLS13))
            {
                assertTrue(isClear, text);
            }
        }
        assertTrue(((String)json.get("keys")).contains(algorithm == KeyMaterial.Algorithm.RSA ? "RSA-2048" : "P-256"), text);

        String page = Files.readString(out.resolve("report.html"));
        String markdown = Files.readString(out.resolve("report.md"));
        assertAll(
            () -> assertEquals(3, page.split("<svg", -1).length - 1),
            () -> assertTrue(page.contains("<svg id=\"gain\"")),
            () -> assertFalse(page.contains("<script")),
            () -> assertEquals(recommendation.get("answer"), markdown.split("\n\n")[1], markdown),
            () -> assertTrue(page.contains("</h1>\n<p class=\"answer\">"), page),
            () -> assertFalse(page.contains("src=") || page.contains("href="), "needs nothing from elsewhere"),
            () -> assertEquals(isConclusive, markdown.contains("jetty.tlsResumption.mode=" + recommendation.get("mode")), markdown),
            () -> assertEquals(isConclusive, Stream.of(page, markdown, text, result.text()).anyMatch(part ->
                part.contains("jetty.tlsResumption.")), text),
            () -> assertTrue(result.text().contains(markdown), result::text),
            () -> assertFalse(Stream.of(page, markdown, text, result.text()).anyMatch(part -> part.contains(KeyMaterial.PASSWORD))));
    }

    @SuppressWarnings("unchecked")
    private static long median(List<Map<String, Object>> rows, String way, String protocol)
    {
        return (Long)((Map<String, Object>)row(rows, way, protocol).get("cpuNanos")).get("median");
    }

    private static long bytes(List<Map<String, Object>> rows, String way, String protocol, String which)
    {
        return (Long)row(rows, way, protocol).get(which);
    }

    private static Map<String, Object> row(List<Map<String, Object>> rows, String way, String protocol)
    {
        return rows.stream().filter(row -> row.get("way").equals(way) && row.get("protocol").equals(protocol)).findFirst().orElseThrow();
    }
}
