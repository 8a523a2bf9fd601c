package io.github.tlsresumption.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.ServerStatus;
import io.github.tlsresumption.status.StoreHealth;
import org.eclipse.jetty.util.StringUtil;

/**
 * What matters of a server's connectors in plain HTML.
 */
final class Overview
{
    private static final String HEAD = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>TLS resumption</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/admin.css">
        </head>
        <body>
        """;
    private static final String CHANGE = """
        <h2>Change</h2>
        <p>Without JavaScript, by curl:</p>
        <pre>curl -u admin -H 'X-Tls-Resumption: 1' --data '{"scope":"%1$s"}' http://HOST:PORT/api/keys/rotate
        curl -u admin -H 'X-Tls-Resumption: 1' --data '{"scope":"%1$s","kind":"everyone"}' http://HOST:PORT/api/forget</pre>
        """;

    private final ServerStatus status;
    private final ServerFacts facts;
    private final History history;
    private final StringBuilder html = new StringBuilder(HEAD);

    Overview(ServerStatus status, ServerFacts facts, History history)
    {
        this.status = status;
        this.facts = facts;
        this.history = history;
    }

    String html()
    {
        html.append("<h1>TLS resumption</h1>\n<p>").append(text(status.node() + ", " + instant(status.time()))).append("<br>")
            .append(text(facts.versions().entrySet().stream().map(one -> one.getKey() + " " + one.getValue())
                .collect(Collectors.joining(", "))))
            .append(facts.started().map(started -> "<br>Running since " + instant(started)).orElse("")).append("</p>\n");
        if (status.connectors().isEmpty())
        {
            html.append("<p>No connector of this server resumes sessions by this module.</p>\n");
        }
        else
        {
            connectors();
            status.connectors().forEach(this::details);
            html.append(CHANGE.formatted(text(status.connectors().get(0).scope())));
        }
        return html.append("</body>\n</html>\n").toString();
    }

    private void connectors()
    {
        table("Connectors", List.of("Connector", "Scope", "Resumed", "Full", "Share", "Usual share", "Next rotation", "Backend"));
        for (ConnectorStatus connector : status.connectors())
        {
            Recent recent = history.recent(connector, status.time());
            row(connector.name(), connector.scope(), recent.counted().resumed(), recent.counted().full(),
                recent.counted().all() == 0 ? "" : Findings.percent(recent.counted().share()),
                recent.usualShare().isPresent() ? Findings.percent(recent.usualShare().getAsDouble()) : "",
                instant(connector.ring().nextRotation()), backend(connector));
        }
        end();
        html.append("<p>Handshakes are those of the last ")
            .append(minutes(history.recent(status.connectors().get(0), status.time()).length())).append(" minutes.</p>\n");
    }

    private void details(ConnectorStatus connector)
    {
        Recent recent = history.recent(connector, status.time());
        html.append("<h2>").append(text(connector.name())).append("</h2>\n");
        findings(Findings.of(connector, recent));
        Counters counted = recent.counted();
        html.append("<p>").append(counted.full()).append(" full handshakes: ")
            .append(counted.withoutTicket()).append(" brought no ticket, ")
            .append(counted.refused()).append(" refused, ")
            .append(counted.byPolicy()).append(" by policy.</p>\n");
        if (counted.checkConnections() > 0)
        {
            html.append("<p>Of these ").append(counted.all()).append(" handshakes, full and resumed, ").append(counted.checkConnections())
                .append(" by the command check, as their clients say; they count like all others.</p>\n");
        }
        refusals(connector);
        keys(connector);
        stores(connector);
    }

    private void findings(List<Finding> findings)
    {
        if (findings.isEmpty())
        {
            html.append("<p class=\"good\">Healthy.</p>\n");
        }
        for (Finding finding : findings)
        {
            html.append("<p class=\"").append(finding.level().name().toLowerCase(Locale.ROOT)).append("\">").append(text(finding.text()))
                .append("</p>\n");
        }
    }

    private void refusals(ConnectorStatus connector)
    {
        List<Map.Entry<String, Long>> met = connector.refusals().entrySet().stream().filter(refusal -> refusal.getValue() > 0)
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed()).toList();
        if (met.isEmpty())
        {
            html.append("<p>No ticket was refused since the start.</p>\n");
            return;
        }
        table("Refusals since the start", List.of("Reason", "Handshakes", "Means"));
        met.forEach(refusal -> row(refusal.getKey(), refusal.getValue(), Reasons.meaning(refusal.getKey())));
        end();
    }

    private void keys(ConnectorStatus connector)
    {
        if (!connector.ring().keys().isEmpty())
        {
            table("Ticket keys", List.of("Key", "State", "Seals from", "Seals until", "Erased"));
            connector.ring().keys().forEach(key ->
                row(key.id(), key.state(), instant(key.sealsFrom()), instant(key.sealsUntil()), instant(key.opensUntil())));
            end();
        }
    }

    private void stores(ConnectorStatus connector)
    {
        if (!connector.stores().isEmpty())
        {
            table("Stores", List.of("Store", "Place", "Health"));
            connector.stores().forEach(store -> row(store.store(), store.place(), store.problem().orElse("healthy")));
            end();
        }
    }

    private void end()
    {
        html.append("</tbody></table>\n");
    }

    private void table(String caption, List<String> titles)
    {
        html.append("<table><caption>").append(caption).append("</caption><thead><tr>");
        titles.forEach(title -> html.append("<th scope=\"col\">").append(title).append("</th>"));
        html.append("</tr></thead><tbody>\n");
    }

    private void row(Object first, Object... others)
    {
        html.append("<tr><th scope=\"row\">").append(text(String.valueOf(first))).append("</th>");
        for (Object other : others)
        {
            html.append("<td>").append(text(String.valueOf(other))).append("</td>");
        }
        html.append("</tr>\n");
    }

    private static String backend(ConnectorStatus connector)
    {
        return connector.stores().stream().filter(store -> store.store().equals("ticket-keys")).map(StoreHealth::place).findFirst()
            .orElse("memory");
    }

    private static long minutes(Duration length)
    {
        return Math.max(1, Math.round(length.toSeconds() / (double)Duration.ofMinutes(1).toSeconds()));
    }

    private static String instant(Optional<Instant> time)
    {
        return time.map(Overview::instant).orElse("");
    }

    private static String instant(Instant time)
    {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String text(String plain)
    {
        return StringUtil.sanitizeXmlString(plain);
    }
}
