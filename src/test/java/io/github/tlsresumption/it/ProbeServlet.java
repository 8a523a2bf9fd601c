package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * An application that tells as JSON what a servlet knows of the client's TLS session. It is deployed by itself, so it uses
 * nothing but the Servlet API.
 */
public final class ProbeServlet extends HttpServlet
{
    private static final long serialVersionUID = 1L;
    private static final String SESSION = "io.github.tlsresumption.session.";

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException
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
