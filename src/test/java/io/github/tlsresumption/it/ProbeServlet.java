package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * An application that tells as JSON what a servlet knows of the client's TLS session. It is deployed by itself, so it uses
 * nothing but the Servlet API. Asked for {@code chunks}, it sends so many of {@link #CHUNK} bytes with a pause of {@link #PAUSE_MILLIS}
 * after each, from after {@code delay} milliseconds on.
 */
public final class ProbeServlet extends HttpServlet
{
    private static final long serialVersionUID = 1L;
    /** How large each chunk of a slow response is, in bytes: larger than the buffers of Jetty and of TLS. */
    static final int CHUNK = 100_000;
    /** How long the pause after a chunk is. */
    static final int PAUSE_MILLIS = 200;
    private static final String SESSION = "io.github.tlsresumption.session.";

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        if (request.getParameter("chunks") == null)
            tell(request, response);
        else
            sendSlowly(request, response);
    }

    private static void sendSlowly(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        String delay = request.getParameter("delay");
        pause(delay == null ? 0 : Integer.parseInt(delay));
        int chunks = Integer.parseInt(request.getParameter("chunks"));
        response.setContentLengthLong((long)chunks * CHUNK);
        byte[] chunk = new byte[CHUNK];
        for (int i = 0; i < chunks; i++)
        {
            Arrays.fill(chunk, (byte)i);
            response.getOutputStream().write(chunk);
            response.getOutputStream().flush();
            pause(PAUSE_MILLIS);
        }
    }

    private static void pause(int millis) throws IOException
    {
        try
        {
            Thread.sleep(millis);
        }
        catch (InterruptedException e)
        {
            throw new InterruptedIOException();
        }
    }

    private static void tell(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        Map<String, Object> seen = new TreeMap<>();
        for (String name : Collections.list(request.getAttributeNames()))
        {
            if (name.startsWith(SESSION))
            {
                seen.put(name.substring(SESSION.length()), request.getAttribute(name));
            }
        }
        if (request.getAttribute("jakarta.servlet.request.X509Certificate") instanceof X509Certificate[] chain)
        {
            seen.put("client", chain[0].getSubjectX500Principal().getName());
        }
        seen.put("http", request.getProtocol());
        StringBuilder json = new StringBuilder();
        for (Map.Entry<String, Object> one : seen.entrySet())
        {
            String value = one.getValue() instanceof Boolean known ? known.toString() : "\"" + one.getValue() + "\"";
            json.append(json.isEmpty() ? "{" : ",").append('"').append(one.getKey()).append("\":").append(value);
        }
        byte[] content = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        response.setContentType("application/json");
        response.setContentLength(content.length);
        response.getOutputStream().write(content);
    }
}
