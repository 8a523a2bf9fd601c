package io.github.tlsresumption.demo;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Tells a client how its TLS connection was made: as a page, as JSON ({@code ?format=json}), as one line of text
 * ({@code ?format=text}) or as the part of the page that another connector's page shows too ({@code ?format=card}).
 */
public class HandshakeServlet extends HttpServlet
{
    private static final long serialVersionUID = 1L;
    private static final String CARD = "card";

    private transient Page page;
    private transient DemoConnectors connectors;

    @Override
    public void init()
    {
        page = Page.of(name ->
        {
            try (InputStream in = getServletContext().getResourceAsStream("/WEB-INF/" + name))
            {
                return in.readAllBytes();
            }
        });
        connectors = DemoConnectors.of(System.getProperty("demo.ports"));
    }

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
                Optional<String> other = connectors.other(request);
                response.setHeader("Content-Security-Policy", page.contentSecurityPolicy(other.orElse("")));
                response.getWriter().write(Views.html(page, handshake, card(request, handshake), origin(request), other));
            }
            case CARD ->
            {
                share(request, response);
                response.setContentType("text/html");
                response.getWriter().write(card(request, handshake));
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
            default -> response.sendError(HttpServletResponse.SC_BAD_REQUEST, "format is html, json, text or card");
        }
    }

    private String card(HttpServletRequest request, Handshake handshake)
    {
        return Views.card(page, handshake, origin(request), Handshake.forget(request) != null);
    }

    private static String origin(HttpServletRequest request)
    {
        return "https://" + request.getServerName() + ":" + request.getServerPort();
    }

    /**
     * Lets the page of the other connector read the answer, and nobody else's.
     */
    private void share(HttpServletRequest request, HttpServletResponse response)
    {
        response.setHeader("Vary", "Origin");
        connectors.other(request).filter(other -> other.equals(request.getHeader("Origin"))).ifPresent(other ->
        {
            response.setHeader("Access-Control-Allow-Origin", other);
            response.setHeader("Access-Control-Allow-Credentials", "true");
        });
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
        String from = request.getHeader("Origin");
        if (from != null && !from.equals(origin(request)) && !connectors.other(request).map(from::equals).orElse(false))
        {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "only from a page of the demo");
            return;
        }
        forget.run();
        if (!request.getProtocol().startsWith("HTTP/2"))
        {
            response.setHeader("Connection", "close");
        }
        if (CARD.equals(request.getParameter("format")))
        {
            share(request, response);
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return;
        }
        response.setHeader("Location", "/");
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
    }
}
