package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The page of {@code ./demo} in a browser: what matters first, and both connectors side by side.
 */
@OnAnyJdk
@StartsProcesses
class DemoPageIT
{
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String READ = "document.querySelectorAll('.card[data-result]').length";
    private static final Pattern LEFT = Pattern.compile("(?:23:59:\\d\\d|24:00:00) left");

    private static JettyProcess jetty;
    private static int first;
    private static int second;

    /** One for each test, with no sessions. */
    private Chromium chromium;

    @BeforeAll
    static void start()
    {
        first = OtherServer.freePort();
        second = OtherServer.freePort();
        JettyBase base = ModuleBase.plain("demo-page")
            .modules("tls-resumption-second-connector")
            .deploy(JettyHome.demoWar(), "ROOT")
            .property("jetty.ssl.port", String.valueOf(first))
            .property("jetty.tlsResumption.mode", "cache")
            .property("jetty.tlsResumption.second.port", String.valueOf(second))
            .property("jetty.tlsResumption.second.mode", "ticket");
        jetty = base.start("-Ddemo.ports=" + first + "," + second);
    }

    @AfterAll
    static void stop()
    {
        jetty.close();
    }

    private static String page(int port)
    {
        return "https://" + ONE + ":" + port + "/";
    }

    private void open(int port)
    {
        chromium.load(page(port));
        Await.until(PATIENCE, () -> number(READ) == 2, () -> text("document.body.innerText") + jetty.log());
    }

    private long number(String expression)
    {
        return ((Number)chromium.evaluate(expression)).longValue();
    }

    private String text(String expression)
    {
        return String.valueOf(chromium.evaluate(expression));
    }

    private String ofCard(int index, String part)
    {
        return text("document.querySelectorAll('.card')[" + index + "].querySelector('" + part + "').innerText");
    }

    private List<String> results()
    {
        return List.of(ofCard(0, ".result"), ofCard(1, ".result"));
    }

    private void click(String selector)
    {
        chromium.evaluate("document.querySelector(\"" + selector + "\").click()");
    }

    private void awaitNew(String status)
    {
        Await.until(PATIENCE, () -> text("document.getElementById('status').innerText").equals(status),
            () -> text("document.body.innerText"));
    }

    private static String told(String ofFirst, String ofSecond)
    {
        return "New: " + ONE + ":" + first + " " + ofFirst + "; " + ONE + ":" + second + " " + ofSecond;
    }

    @Test
    void bothConnectorsResumeWithTheNextConnectionAndTheForgottenOneDoesNot()
    {
        try (Chromium browser = new Chromium(ModuleBase.twoHosts()))
        {
            chromium = browser;
            open(first);
            String full = "Full handshake";
            assertEquals(List.of(full, full), results());
            assertTrue(ofCard(0, "h2").contains("mode cache"), ofCard(0, "h2"));
            assertTrue(ofCard(1, "h2").contains("mode ticket"), ofCard(1, "h2"));
            String deadline = ofCard(1, ".until time");

            click("#again");
            awaitNew(told("resumed", "resumed"));
            assertEquals(List.of("Resumed", "Resumed"), results());
            assertEquals(deadline, ofCard(1, ".until time"));
            assertEquals("Connections seen here: full, resumed", ofCard(0, ".history"));

            click(".card:nth-child(2) form button");
            Await.until(PATIENCE, () -> results().equals(List.of("Resumed", full)), () -> results().toString());
            click("#again");
            awaitNew(told("resumed", "resumed"));
            assertEquals("Connections seen here: full, resumed, full, resumed", ofCard(1, ".history"));
        }
    }

    /**
     * A session is the same on the page of the other connector and on its own.
     */
    @Test
    void theOtherConnectorsSessionIsThatOfItsOwnPage()
    {
        try (Chromium browser = new Chromium(ModuleBase.twoHosts()))
        {
            chromium = browser;
            open(first);
            open(second);
            assertEquals(List.of("Resumed", "Resumed"), results());
            assertTrue(ofCard(0, "h2").contains("mode ticket"), ofCard(0, "h2"));
        }
    }

    @ParameterizedTest
    @CsvSource({"1280,light", "1280,dark", "390,light", "390,dark"})
    void whatMattersIsLargeAndFirst(int width, String scheme)
    {
        try (Chromium browser = new Chromium(ModuleBase.twoHosts()))
        {
            chromium = browser;
            browser.view(width, 900, scheme);
            open(first);
            String box = "document.querySelectorAll('.card')[%d].getBoundingClientRect().%s";
            long leftOfFirst = number(box.formatted(0, "left"));
            long leftOfSecond = number(box.formatted(1, "left"));
            assertEquals(width > 800, leftOfSecond > leftOfFirst);
            assertEquals(width > 800, number(box.formatted(0, "top")) == number(box.formatted(1, "top")));
            assertTrue(number("document.documentElement.scrollWidth") <= width);
            for (int card = 0; card < 2; card++)
            {
                String until = ofCard(card, ".until");
                String zoned = ofCard(card, ".until time");
                assertTrue(LEFT.matcher(until).find(), until);
                assertTrue(zoned.matches(".*\\d{4}, \\d\\d:\\d\\d:\\d\\d [A-Z]{3,4}.*"), zoned);
                String size = "parseFloat(getComputedStyle(document.querySelectorAll('.card')[" + card + "].querySelector('%s')).fontSize)";
                long body = number("parseFloat(getComputedStyle(document.body).fontSize)");
                assertTrue(number(size.formatted(".result")) >= 2 * body);
                assertTrue(number(size.formatted(".until time")) > body);
                assertTrue(number(size.formatted(".left")) > body);
            }
            boolean isDark = number("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])") < 128;
            assertEquals(scheme.equals("dark"), isDark);
        }
    }

    @Test
    void aConnectorThatTheBrowserDoesNotTrustHasALinkToAcceptIt()
    {
        int closed = OtherServer.freePort();
        JettyBase base = ModuleBase.plain("demo-closed").deploy(JettyHome.demoWar(), "ROOT");
        int open = OtherServer.freePort();
        base.property("jetty.ssl.port", String.valueOf(open));
        try (JettyProcess alone = base.start("-Ddemo.ports=" + open + "," + closed);
            Chromium browser = new Chromium(ModuleBase.twoHosts()))
        {
            chromium = browser;
            chromium.load(page(open));
            Await.until(PATIENCE, () -> text("document.body.innerText").contains("accept its certificate"), alone::log);
            assertEquals(page(closed), text("document.querySelector('.blocked a').href"));
            assertFalse(text("document.body.innerText").contains("open its page"));
            assertEquals("Full handshake", ofCard(0, ".result"));
        }
    }

    @Test
    void withoutJavaScriptThePageShowsItsOwnConnector()
    {
        String html = new Curl(first, ONE).get("/").output();
        assertAll(
            () -> assertEquals(1, html.split("data-result=", -1).length - 1, html),
            () -> assertTrue(html.contains("<p class=\"result\">Full handshake</p>"), html),
            () -> assertTrue(html.matches("(?s).*<time datetime=\"[^\"]+Z\">\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC</time>.*"), html),
            () -> assertTrue(LEFT.matcher(html).find(), html),
            () -> assertTrue(html.contains("<a href=\"" + page(second) + "\">open its page</a>"), html),
            () -> assertTrue(html.contains("<a class=\"button\" id=\"again\" href=\"/\">New connection</a>"), html),
            () -> assertFalse(html.contains("{{"), html),
            () -> assertFalse(html.contains("unsafe-inline"), html));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "https://one.test", "https://one.test:1", "http://one.test:PORT", "https://two.test:PORT",
        "https://one.test:PORT.example", "https://evil.example"})
    void nobodyElseReadsTheStateOrForgetsASession(String origin)
    {
        String stranger = origin.replace("PORT", String.valueOf(second));
        for (String format : List.of("card", "json", "text", "html"))
        {
            String read = new Curl(first, ONE).option("--header", "Origin: " + stranger).get("/?format=" + format).output();
            assertFalse(read.toLowerCase(Locale.ROOT).contains("access-control"), read);
        }
        HttpReply refused = new Curl(first, ONE).option("--header", "Origin: " + stranger, "--request", "POST").get("/?format=card")
            .replies().get(0);
        assertEquals(403, refused.status(), refused::body);
    }

    @Test
    void theOtherPageReadsTheCardAlone()
    {
        String origin = "https://" + ONE + ":" + second;
        String card = new Curl(first, ONE).option("--header", "Origin: " + origin).get("/?format=card").output();
        assertTrue(card.contains("Access-Control-Allow-Origin: " + origin + "\r\n")
            || card.contains("Access-Control-Allow-Origin: " + origin + "\n"), card);
        assertNotEquals(-1, card.indexOf("Vary: Origin"), card);
        String json = new Curl(first, ONE).option("--header", "Origin: " + origin).get("/?format=json").output();
        assertFalse(json.toLowerCase(Locale.ROOT).contains("access-control"), json);
    }
}
