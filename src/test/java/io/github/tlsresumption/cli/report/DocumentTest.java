package io.github.tlsresumption.cli.report;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;

import org.eclipse.jetty.util.ajax.JSON;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What the report shows of figures, in its three forms.
 */
class DocumentTest
{
    private static final String SETTING = "jetty.tlsResumption.";
    private static final List<Measured> INCONCLUSIVE = List.of(Measured.clearly().cold(), Measured.clearly().cold().quick(),
        Measured.clearly().with(Way.CACHE, "TLSv1.2", Measured.FULL, 1), Measured.clearly().without(Way.FULL, "TLSv1.3"),
        Measured.clearly().withAllRounds(0), Measured.clearly().without(Way.CACHE, "TLSv1.3").memory(Way.CACHE));

    @Test
    void settingsArePrintedWhenTheAnswerIsClear()
    {
        Document document = Measured.clearly().document();

        for (String text : List.of(document.markdown(), document.html()))
        {
            assertTrue(text.contains(SETTING + "mode=ticket"), text);
            assertTrue(text.contains(SETTING + "tls12Mode=cache"), text);
            assertTrue(text.contains("ticket (recommended)"), text);
        }
        assertEquals(Map.of("verdict", "conclusive", "mode", "ticket", "tls12Mode", "cache"), verdict(document));
    }

    @Test
    void noSettingsArePrintedWhenItIsNot()
    {
        for (Measured measured : INCONCLUSIVE)
        {
            Document document = measured.document();
            for (String text : List.of(document.markdown(), document.html(), document.json().toString()))
            {
                assertFalse(text.contains(SETTING), text);
                assertFalse(text.contains("(recommended)"), text);
                assertTrue(text.contains("Inconclusive: no settings are recommended."), text);
            }
            assertEquals(Map.of("verdict", "inconclusive"), verdict(document));
        }
    }

    @Test
    void theAnswerIsOneParagraphOnTop()
    {
        for (Measured measured : Stream.concat(Stream.of(Measured.clearly()), INCONCLUSIVE.stream()).toList())
        {
            String answer = measured.recommendation().answer();
            String markdown = measured.document().markdown();
            String html = measured.document().html();

            assertEquals(answer, markdown.split("\n\n")[1], markdown);
            String body = html.substring(html.indexOf("</h1>") + 5).stripLeading();
            assertTrue(body.startsWith("<p class=\"answer\">" + Page.escaped(answer) + "</p>"), body);
        }
    }

    @Test
    void aGainIsShownWithItsInterval()
    {
        Document document = Measured.clearly().document();
        String row = "| TLS 1.3, ticket (recommended) | 50 % (49.";

        assertTrue(document.markdown().contains(row), document::markdown);
        assertTrue(picture(document.html()).contains(">50 %<"), document::html);
    }

    @Test
    void aGainThatIsNotOneIsShownAsInconclusive()
    {
        Document document = Measured.clearly().with(Way.CACHE, "TLSv1.2", Measured.FULL, 1).document();

        assertTrue(document.markdown().contains("| TLS 1.2, cache | inconclusive (-"), document::markdown);
        String picture = picture(document.html());
        assertEquals(1, picture.split(">inconclusive<", -1).length - 1, picture);
        assertEquals(1, picture.split("class=\"dot doubtful\"", -1).length - 1, picture);
    }

    @Test
    void nothingIsSureAfterAWarmUpThatDidNotSettle()
    {
        String picture = picture(Measured.clearly().cold().document().html());

        assertEquals(9, picture.split(">inconclusive<", -1).length - 1, picture);
        assertFalse(picture.contains("class=\"dot\""), picture);
    }

    @Test
    void thePictureSaysInWordsWhatItShows() throws Exception
    {
        String picture = picture(Measured.clearly().document().html());
        Element svg = DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(new ByteArrayInputStream(picture.getBytes(StandardCharsets.UTF_8))).getDocumentElement();
        String words = svg.getElementsByTagName("desc").item(0).getTextContent();

        assertAll(
            () -> assertEquals("img", svg.getAttribute("role")),
            () -> assertEquals("gain-title gain-words", svg.getAttribute("aria-labelledby")),
            () -> assertEquals(1, svg.getElementsByTagName("title").getLength()),
            () -> assertTrue(words.contains("TLS 1.3, ticket (recommended): saves 50 % (49."), words),
            () -> assertTrue(words.contains("reads nothing recorded, but can pose as the server; there to steal for 36 h at most"), words),
            () -> assertTrue(words.contains("TLS 1.2, ticket: saves 50 %"), words),
            () -> assertTrue(words.contains("a thief of a ticket key reads recorded traffic"), words));
    }

    @Test
    void whatIsPaintedStaysInThePicture() throws Exception
    {
        for (Measured measured : List.of(Measured.clearly(), Measured.clearly().with(Way.CACHE, "TLSv1.2", 40 * Measured.FULL, 90)))
        {
            Matcher places = Pattern.compile(" (?:x|x1|x2|cx)=\"([-0-9.]+)%\"").matcher(measured.document().html());
            int count = 0;
            while (places.find())
            {
                double place = Double.parseDouble(places.group(1));
                assertTrue(place >= 0 && place <= 100, places::group);
                count++;
            }
            assertTrue(count > 50, "places found: " + count);
        }
    }

    @Test
    void thePageNeedsNothingElse()
    {
        String page = Measured.clearly().document().html();

        assertAll(
            () -> assertFalse(page.contains("<script") || page.contains("http:") || page.contains("https:"), page),
            () -> assertFalse(page.contains("src=") || page.contains("href=") || page.contains("url("), page),
            () -> assertTrue(page.contains("prefers-color-scheme: dark"), page));
    }

    /** On a narrow screen the cells of a row are below each other, each with the name of its column. */
    @Test
    void cellsKnowTheirColumn()
    {
        String page = Measured.clearly().document().html();
        Matcher cells = Pattern.compile("<td[^>]*>").matcher(page);
        int count = 0;
        while (cells.find())
        {
            assertTrue(cells.group().contains("data-label=\"") || cells.group().contains("class=\"name\""), cells::group);
            count++;
        }
        assertTrue(count > 50, "cells found: " + count);
    }

    @Test
    void whatWasNotMeasuredHasNoFigure()
    {
        Document document = Measured.clearly().withAllRounds(0).memory(Way.CACHE).document();
        String markdown = document.markdown();

        assertTrue(markdown.contains("| cache (0 of 0 resumed) | \u2013 | \u2013 |"), markdown);
        assertFalse(document.json().toString().contains("\"median\""), document.json()::toString);
        assertFalse(document.html().contains("NaN") || document.html().contains("Infinity"), document::html);
    }

    @Test
    @SuppressWarnings("unchecked")
    void jsonHasEachIntervalAndWhetherItCounts()
    {
        Map<String, Object> json = (Map<String, Object>)new JSON().fromJSON(Measured.clearly().quick().document().json().toString());
        Map<String, Object> ticket = Stream.of((Object[])json.get("handshakes")).map(row -> (Map<String, Object>)row)
            .filter(row -> row.get("way").equals("TICKET") && row.get("protocol").equals("TLSv1.3")).findFirst().orElseThrow();
        Map<String, Object> gain = (Map<String, Object>)ticket.get("gain");
        Map<String, Object> times = (Map<String, Object>)ticket.get("cpuNanos");

        assertAll(
            () -> assertEquals(true, json.get("quick")),
            () -> assertEquals(40L, ticket.get("rounds")),
            () -> assertTrue((Double)gain.get("low") < 0.5 && (Double)gain.get("high") > 0.5, gain::toString),
            () -> assertEquals(true, gain.get("conclusive")),
            () -> assertNull(gain.get("doubt")),
            () -> assertTrue((Long)times.get("low") <= (Long)times.get("median"), times::toString),
            () -> assertTrue((Long)times.get("median") <= (Long)times.get("high"), times::toString));
    }

    private static String picture(String page)
    {
        int begin = page.indexOf("<svg id=\"gain\"");
        return page.substring(begin, page.indexOf("</svg>", begin) + 6);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> verdict(Document document)
    {
        Map<String, Object> json = (Map<String, Object>)new JSON().fromJSON(document.json().toString());
        Map<String, Object> recommendation = (Map<String, Object>)json.get("recommendation");
        recommendation.remove("answer");
        recommendation.remove("reasons");
        return recommendation;
    }
}
