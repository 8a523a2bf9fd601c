package io.github.tlsresumption.demo;

import java.io.IOException;
import java.time.Clock;
import java.util.Locale;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Tells a client how its TLS connection was made: as a page, as JSON ({@code ?format=json})
 * or as one line of text ({@code ?format=text}).
 */
public class HandshakeServlet extends HttpServlet
{
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        Handshake handshake = Handshake.of(request, Clock.systemUTC());
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        // With HTTP/1.1 the next request needs a new connection, so it shows a new handshake.
        // HTTP/2 has no such header: there the connector's idle timeout ends the connection.
        if (!handshake.http().startsWith("HTTP/2"))
        {
            response.setHeader("Connection", "close");
        }

        String format = request.getParameter("format");
        switch (format == null ? "html" : format.toLowerCase(Locale.ROOT))
        {
            case "html" ->
            {
                response.setContentType("text/html");
                response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                    + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
                response.getWriter().write(Views.html(handshake, request.getServerName(), request.getServerPort(),
                    Handshake.forget(request) != null));
            }
            case "json" ->
            {
                response.setContentType("application/json");
                response.getWriter().write(Views.json(handshake));
            }
            case "text" ->
            {
                response.setContentType("text/plain");
                response.getWriter().write(Views.text(handshake));
            }
            default -> response.sendError(HttpServletResponse.SC_BAD_REQUEST, "format is html, json or text");
        }
    }

    /**
     * Forgets the session of the connection: the next one makes a full handshake.
     */
    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        Runnable forget = Handshake.forget(request);
        if (forget == null)
        {
            response.sendError(HttpServletResponse.SC_NOT_FOUND, "only with the module tls-resumption");
            return;
        }
        forget.run();
        if (!request.getProtocol().startsWith("HTTP/2"))
        {
            response.setHeader("Connection", "close");
        }
        response.setHeader("Location", "/");
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
    }
}
