package io.github.tlsresumption.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The alerts for Prometheus, whose rules promtool tests in {@code MetricsIT}.
 */
class AlertsTest
{
    private static final Path ALERTS = Path.of("etc/tls-resumption-alerts.yml");

    private static Set<String> names(Path file, String pattern) throws IOException
    {
        Set<String> names = new TreeSet<>();
        Pattern.compile(pattern, Pattern.MULTILINE).matcher(Files.readString(file)).results().forEach(found -> names.add(found.group(1)));
        assertFalse(names.isEmpty(), file.toString());
        return names;
    }

    @Test
    void theDocumentSaysOfEachAlertWhatToDo() throws IOException
    {
        assertEquals(names(ALERTS, "- alert: (\\w+)$"), names(Path.of("docs/monitoring.md"), "^\\| `(TlsResumption\\w+)` \\|"));
    }

    /**
     * Anybody can say that a connection is of check.
     */
    @Test
    void noAlertAsksWhetherConnectionsAreOfCheck() throws IOException
    {
        Set<String> metrics = names(ALERTS, "(tls_resumption_[a-z_]+)");
        assertTrue(metrics.contains("tls_resumption_refusals_total"), metrics::toString);
        assertFalse(metrics.stream().anyMatch(name -> name.contains("check")), metrics::toString);
    }

    @Test
    void eachAlertHasACaseInWhichItIsGiven() throws IOException
    {
        assertEquals(names(ALERTS, "- alert: (\\w+)$"), names(Path.of("src/test/prometheus/alerts-test.yml"),
            "alertname: (\\w+)\n +exp_alerts:"));
    }
}
