package io.github.tlsresumption.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of the page. It is served in one piece, since each further file could need a connection of its own.
 *
 * @param page the page
 * @param card what is shown of one connector
 * @param other what is in the place of the other connector's card until it is read
 * @param style of the page
 * @param script of the page
 */
record Page(String page, String card, String other, String style, String script)
{
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

    /**
     * Gives a file's content.
     */
    @FunctionalInterface
    interface Source
    {
        byte[] read(String name) throws IOException;
    }

    static Page of(Source source)
    {
        return new Page(text(source, "page.html"), text(source, "card.html"), text(source, "other.html"), text(source, "page.css"),
            text(source, "page.js"));
    }

    private static String text(Source source, String name)
    {
        try
        {
            return new String(source.read(name), StandardCharsets.UTF_8);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param template a text with names in double braces
     * @param values what to put there, as HTML
     */
    static String fill(String template, Map<String, String> values)
    {
        return PLACE.matcher(template).replaceAll(place -> Matcher.quoteReplacement(values.get(place.group(1))));
    }

    /**
     * @param other the origin that the page may read, or an empty string
     * @return which permits this style and this script, and nothing from elsewhere
     */
    String contentSecurityPolicy(String other)
    {
        return "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script) + "'; img-src data:; connect-src 'self' "
            + other + "; base-uri 'none'; form-action 'self' " + other + "; frame-ancestors 'none'";
    }

    private static String hash(String text)
    {
        try
        {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        }
        catch (NoSuchAlgorithmException e)
        {
            throw new AssertionError(e);
        }
    }
}
