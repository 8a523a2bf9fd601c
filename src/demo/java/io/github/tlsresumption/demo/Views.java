package io.github.tlsresumption.demo;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The ways to write a {@link Handshake}.
 */
final class Views
{
    private static final String UNKNOWN = "not known: stock Jetty does not tell";

    private static final String FORGET = """
        <form method="post" action="%s"><button>Forget this session</button></form>
        """;

    private Views()
    {
    }

    /**
     * @param card this connector's
     * @param origin this connector
     * @param other the origin of the other connector, if there is one
     */
    static String html(Page page, Handshake handshake, String card, String origin, Optional<String> other)
    {
        String hint = handshake.http().startsWith("HTTP/2")
            ? "HTTP/2 keeps its connection, and with it the same handshake. The connectors of the demo close a connection that was idle"
                + " for 2 seconds: wait 3 seconds before you reload to see a new handshake."
            : "This response closed its connection, so each reload makes a new handshake.";
        return Page.fill(page.page(), Map.of(
            "result", escape(handshake.result()),
            "place", escape(place(origin)),
            "style", page.style(),
            "script", page.script(),
            "card", card,
            "other", other.map(url -> Page.fill(page.other(), Map.of("url", escape(url + "/"), "place", escape(place(url))))).orElse(""),
            "hint", hint));
    }

    static String card(Page page, Handshake handshake, String origin, boolean forgettable)
    {
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("TLS", handshake.tls());
        rows.put("HTTP", handshake.http());
        rows.put("Cipher suite", handshake.cipherSuite());
        rows.put("Established", Handshake.seconds(handshake.established()));
        rows.put("Age", handshake.age().map(age -> age + " s").orElse(null));
        rows.put("Session", handshake.id());
        rows.put("TLS session id", handshake.tlsId());
        String list = rows.entrySet().stream()
            .map(row -> "<div><dt>" + row.getKey() + "</dt><dd>" + cell(row.getValue()) + "</dd></div>\n")
            .collect(Collectors.joining());
        Map<String, String> values = new HashMap<>(Map.of(
            "state", handshake.resumed() == null ? "unknown" : handshake.resumed() ? "resumed" : "full",
            "url", escape(origin + "/"),
            "place", escape(place(origin)),
            "http", escape(handshake.http()),
            "mode", mode(handshake.mode()),
            "result", escape(handshake.result()),
            "deadline", Optional.ofNullable(handshake.deadline()).map(Views::time).orElse("<span>" + UNKNOWN + "</span>"),
            "left", handshake.remaining().map(Views::left).orElse(""),
            "note", note(handshake),
            "forget", forgettable ? FORGET.formatted(escape(origin + "/")) : ""));
        values.put("rows", list);
        return Page.fill(page.card(), values);
    }

    private static String place(String origin)
    {
        return origin.substring(origin.indexOf("//") + 2);
    }

    private static String mode(String mode)
    {
        if (mode == null)
        {
            return "";
        }
        String how = switch (mode)
        {
            case "ticket" -> ": the client carries the session";
            case "cache" -> ": the server keeps a key of the session";
            default -> "";
        };
        return "<span>mode " + escape(mode) + how + "</span>";
    }

    private static String note(Handshake handshake)
    {
        if (handshake.resumed() == null)
        {
            return "Whether the session was resumed is " + UNKNOWN + ". It does when the module tls-resumption is enabled.";
        }
        if (handshake.resumed())
        {
            return "This connection continued the session of an earlier one.";
        }
        return "off".equals(handshake.mode()) ? "This connection made a new session, and every other one will: the mode is off."
            : "This connection made a new session. The next one can continue it until then, and no longer.";
    }

    private static String time(Instant deadline)
    {
        return "<time datetime=\"" + Handshake.seconds(deadline) + "\">"
            + DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC).format(deadline) + "</time>";
    }

    private static String left(long seconds)
    {
        String text = "%d:%02d:%02d left".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
        return "<strong class=\"left\" data-seconds=\"" + seconds + "\">" + text + "</strong>";
    }

    private static String cell(String value)
    {
        return value == null ? "not known" : "<code>" + escape(value) + "</code>";
    }

    static String json(Handshake handshake)
    {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("resumed", handshake.resumed());
        members.put("mode", handshake.mode());
        members.put("tls", handshake.tls());
        members.put("http", handshake.http());
        members.put("cipherSuite", handshake.cipherSuite());
        members.put("established", Handshake.seconds(handshake.established()));
        members.put("age", handshake.age().orElse(null));
        members.put("deadline", Handshake.seconds(handshake.deadline()));
        members.put("remaining", handshake.remaining().orElse(null));
        members.put("session", handshake.id());
        members.put("tlsSessionId", handshake.tlsId());
        return members.entrySet().stream()
            .map(member -> "  \"" + member.getKey() + "\": " + literal(member.getValue()))
            .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    }

    private static String literal(Object value)
    {
        if (!(value instanceof String text))
        {
            return String.valueOf(value);
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray())
        {
            if (c == '"' || c == '\\')
            {
                quoted.append('\\').append(c);
            }
            else if (c < ' ')
            {
                quoted.append("\\u%04x".formatted((int)c));
            }
            else
            {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    static String text(Handshake handshake)
    {
        String result = handshake.resumed() == null ? UNKNOWN : handshake.result().toLowerCase(Locale.ROOT);
        StringBuilder line = new StringBuilder(result);
        append(line, handshake.tls());
        append(line, handshake.cipherSuite());
        append(line, handshake.http());
        append(line, Optional.ofNullable(handshake.mode()).map(mode -> "mode " + mode).orElse(null));
        append(line, handshake.age().map(age -> "age " + age + " s").orElse(null));
        append(line, handshake.remaining().map(remaining -> "remaining " + remaining + " s").orElse(null));
        append(line, Optional.ofNullable(handshake.id()).map(id -> "session " + id).orElse(null));
        return line.append('\n').toString();
    }

    private static void append(StringBuilder line, String item)
    {
        if (item != null)
        {
            line.append(", ").append(item);
        }
    }

    private static String escape(String text)
    {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
