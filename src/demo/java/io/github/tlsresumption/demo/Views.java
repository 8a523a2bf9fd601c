package io.github.tlsresumption.demo;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The three ways to write a {@link Handshake}.
 */
final class Views
{
    private static final String UNKNOWN = "not known: stock Jetty does not tell";

    private static final String PAGE = """
        <!DOCTYPE html>
        <html lang="en" class="%6$s">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>%1$s &ndash; TLS handshake</title>
        <link rel="icon" href="data:,">
        <style>
        :root { --ink: #1b1f24; --paper: #fff; --line: #d5dae0; --soft: #57606a; --mark: #9a3412; --link: #0b5cad; }
        :root.resumed { --mark: #116329; }
        @media (prefers-color-scheme: dark)
        {
          :root { --ink: #e8ebee; --paper: #15191d; --line: #3a4149; --soft: #a3adb8; --mark: #ffb38a; --link: #79b8ff; }
          :root.resumed { --mark: #7ee2a0; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif;
          color: var(--ink); background: var(--paper); }
        h1 { font-size: 1rem; font-weight: 400; margin: 0 0 1rem; color: var(--soft); }
        #result { display: block; font-size: 2.2rem; line-height: 1.2; color: var(--mark); }
        dl { margin: 0; border-top: 1px solid var(--line); }
        dl > div { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        code { font: .9em ui-monospace, monospace; }
        a { color: var(--link); }
        a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        nav ul { list-style: none; margin: 1.25rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
        nav a { display: inline-block; padding: .5rem 0; }
        button { font: inherit; padding: .45rem .9rem; color: var(--link); background: none; border: 1px solid var(--link);
          border-radius: .3rem; cursor: pointer; }
        button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        @media (max-width: 30rem) { dl > div { grid-template-columns: 1fr; } }
        </style>
        </head>
        <body>
        <main>
        <h1>This connection to %2$s: <strong id="result">%1$s</strong></h1>
        %3$s<dl>
        %4$s</dl>
        <nav aria-label="This page">
        <ul>
        <li><a href="/">Reload</a></li>
        <li><a href="/?format=json">As JSON</a></li>
        <li><a href="/?format=text">As text</a></li>
        </ul>
        </nav>
        %7$s<p>%5$s</p>
        </main>
        </body>
        </html>
        """;

    private static final String FORGET = """
        <form method="post" action="/">
        <p><button>Forget this session</button> The next handshake is full then, however many tickets this browser holds.</p>
        </form>
        """;

    private Views()
    {
    }

    static String html(Handshake handshake, String host, int port, boolean forgettable)
    {
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("TLS", handshake.tls());
        rows.put("HTTP", handshake.http());
        rows.put("Cipher suite", handshake.cipherSuite());
        rows.put("Mode", handshake.mode());
        rows.put("Established", Handshake.seconds(handshake.established()));
        rows.put("Age", handshake.age().map(Views::time).orElse(null));
        rows.put("Deadline", Handshake.seconds(handshake.deadline()));
        rows.put("Remaining", handshake.remaining().map(Views::time).orElse(null));
        rows.put("Session", handshake.id());
        rows.put("TLS session id", handshake.tlsId());
        String list = rows.entrySet().stream()
            .map(row -> "<div><dt>" + row.getKey() + "</dt><dd>" + cell(row.getValue()) + "</dd></div>\n")
            .collect(Collectors.joining());

        String note = handshake.resumed() != null ? ""
            : "<p>Whether the session was resumed is " + UNKNOWN + ". It does when the module tls-resumption is enabled.</p>\n";
        String hint = handshake.http().startsWith("HTTP/2")
            ? "A reload on a kept-alive connection shows the same handshake again. The connectors of the demo close a connection"
                + " that was idle for 2 seconds, so wait 3 seconds before you reload to see a new handshake."
            : "A reload on a kept-alive connection would show the same handshake again, so this response closed its connection:"
                + " each reload makes a new handshake.";

        String state = Boolean.TRUE.equals(handshake.resumed()) ? "resumed" : "other";
        return PAGE.formatted(escape(handshake.result()), "<code>" + escape(host + ":" + port) + "</code>", note, list, hint, state,
            forgettable ? FORGET : "");
    }

    private static String cell(String value)
    {
        return value == null ? "not known" : "<code>" + escape(value) + "</code>";
    }

    private static String time(long seconds)
    {
        if (seconds < 60)
        {
            return seconds + " s";
        }
        return "%d s (%d:%02d:%02d)".formatted(seconds, seconds / 3600, seconds / 60 % 60, seconds % 60);
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
