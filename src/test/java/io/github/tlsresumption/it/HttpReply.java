package io.github.tlsresumption.it;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.eclipse.jetty.util.ajax.JSON;

/**
 * An HTTP answer as a client got it.
 *
 * @param status the status code; 0 when there was no answer
 * @param body the content, empty when there was none
 */
public record HttpReply(int status, String body)
{
    private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 (\\d{3})", Pattern.MULTILINE);
    private static final Pattern LENGTH = Pattern.compile("^Content-Length: (\\d+)", Pattern.MULTILINE | Pattern.CASE_INSENSITIVE);

    /**
     * @param text text in which an HTTP/1.1 answer with a length stands, as a program printed it
     * @return the answer
     */
    public static HttpReply in(String text)
    {
        Matcher status = STATUS.matcher(text);
        if (!status.find())
        {
            return new HttpReply(0, "");
        }
        int end = text.indexOf("\r\n\r\n", status.start());
        if (end < 0)
        {
            return new HttpReply(Integer.parseInt(status.group(1)), "");
        }
        Matcher length = LENGTH.matcher(text).region(status.start(), end);
        int from = end + 4;
        int to = length.find() ? Math.min(text.length(), from + Integer.parseInt(length.group(1))) : text.length();
        return new HttpReply(Integer.parseInt(status.group(1)), text.substring(from, to));
    }

    /**
     * @return the content read as a JSON object
     */
    public Map<String, Object> json()
    {
        return json(body);
    }

    static Map<String, Object> json(String text)
    {
        if (new JSON().fromJSON(text) instanceof Map<?, ?> map)
        {
            Map<String, Object> typed = new LinkedHashMap<>();
            map.forEach((key, value) -> typed.put(String.valueOf(key), value));
            return typed;
        }
        throw new AssertionError("not a JSON object: " + text);
    }
}
