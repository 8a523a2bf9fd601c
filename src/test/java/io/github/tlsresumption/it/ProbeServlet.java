package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

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
    private static final int PAUSE_MILLIS = 200;
    private static final String SESSION = "io.github.tlsresumption.session.";
    private static final int PATIENCE_SECONDS = 60;
    private static final Map<String, Gate> GATES = new ConcurrentHashMap<>();

    /**
     * Where a response waits until a request opens it.
     *
     * @param reached whether the response has come to it
     * @param opened whether it may go on
     */
    private record Gate(CountDownLatch reached, CountDownLatch opened)
    {
        Gate()
        {
            this(new CountDownLatch(1), new CountDownLatch(1));
        }

        static Gate of(String name)
        {
            return GATES.computeIfAbsent(name, unknown -> new Gate());
        }

        void pass() throws IOException
        {
            reached.countDown();
            await(opened);
        }

        static void await(CountDownLatch latch) throws IOException
        {
            try
            {
                if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                {
                    throw new InterruptedIOException("nobody came for " + PATIENCE_SECONDS + " s");
                }
            }
            catch (InterruptedException e)
            {
                throw new InterruptedIOException();
            }
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        if (request.getParameter("before") != null)
        {
            Gate.of(request.getParameter("before")).pass();
        }
        if (request.getParameter("reached") != null)
        {
            Gate.await(Gate.of(request.getParameter("reached")).reached());
        }
        if (request.getParameter("open") != null)
        {
            Gate.of(request.getParameter("open")).opened().countDown();
        }
        if (request.getParameter("gates") != null)
        {
            sendThrough(request.getParameter("gates").split(","), response);
        }
        else if (request.getParameter("chunks") != null)
        {
            sendSlowly(request, response);
        }
        else
        {
            tell(request, response);
        }
    }

    private static void sendThrough(String[] gates, HttpServletResponse response) throws IOException
    {
        response.setContentLengthLong((gates.length + 1L) * CHUNK);
        for (int i = 0; i <= gates.length; i++)
        {
            sendChunk(response, i);
            if (i < gates.length)
            {
                Gate.of(gates[i]).pass();
            }
        }
    }

    private static void sendSlowly(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        int chunks = Integer.parseInt(request.getParameter("chunks"));
        response.setContentLengthLong((long)chunks * CHUNK);
        for (int i = 0; i < chunks; i++)
        {
            sendChunk(response, i);
            pause(PAUSE_MILLIS);
        }
    }

    private static void sendChunk(HttpServletResponse response, int number) throws IOException
    {
        byte[] chunk = new byte[CHUNK];
        Arrays.fill(chunk, (byte)number);
        response.getOutputStream().write(chunk);
        response.getOutputStream().flush();
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
