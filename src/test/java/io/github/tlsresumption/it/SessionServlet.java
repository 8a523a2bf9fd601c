package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import javax.net.ssl.SSLSession;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * An application that says whose its client's TLS session is ({@code principal}), and forgets it ({@code forget=session}), the client
 * ({@code forget=client}) or a user ({@code forget=principal:NAME}), or invalidates its session ({@code forget=invalidate}); and answers
 * with the session's id as the Servlet API gives it. It is deployed by itself, so it uses nothing but the Servlet API.
 */
public final class SessionServlet extends HttpServlet
{
    private static final long serialVersionUID = 1L;
    private static final String SESSION = "io.github.tlsresumption.session.";
    private static final String PRINCIPAL = "principal:";

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        String principal = request.getParameter("principal");
        if (principal != null)
        {
            request.setAttribute(SESSION + "principal", principal);
        }
        String forget = request.getParameter("forget");
        if ("session".equals(forget))
        {
            ((Runnable)request.getAttribute(SESSION + "forget")).run();
        }
        else if ("client".equals(forget))
        {
            ((Runnable)request.getAttribute(SESSION + "forgetClient")).run();
        }
        else if (forget != null && forget.startsWith(PRINCIPAL))
        {
            @SuppressWarnings("unchecked")
            Consumer<String> control = (Consumer<String>)request.getAttribute(SESSION + "forgetPrincipal");
            control.accept(forget.substring(PRINCIPAL.length()));
        }
        else if ("invalidate".equals(forget))
        {
            session(request).invalidate();
        }
        String json = "{\"id\":\"%s\",\"resumed\":%s}".formatted(request.getAttribute("jakarta.servlet.request.ssl_session_id"),
            request.getAttribute(SESSION + "resumed"));
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        response.setContentType("application/json");
        response.setContentLength(content.length);
        response.getOutputStream().write(content);
    }

    /*
     * Jetty shows it by an interface of its own, which applications do not see by name.
     */
    private static SSLSession session(HttpServletRequest request) throws IOException
    {
        Object data = request.getAttribute("org.eclipse.jetty.io.Endpoint.SslSessionData");
        for (Class<?> type : data.getClass().getInterfaces())
        {
            try
            {
                return (SSLSession)type.getMethod("sslSession").invoke(data);
            }
            catch (ReflectiveOperationException e)
            {
                throw new IOException(e);
            }
        }
        throw new IOException("no interface of " + data.getClass());
    }
}
