package io.github.tlsresumption.jetty;

import java.util.Set;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.ticket.TlsSession;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Shows applications the TLS session of their request as request attributes, all of them types of the JDK.
 * Requests of other connections pass unchanged. Stateless.
 */
public final class SessionCustomizer implements HttpConfiguration.Customizer
{
    /** {@link Boolean}: whether the connection's handshake resumed the session. */
    public static final String RESUMED = "io.github.tlsresumption.session.resumed";
    /** {@link String}: {@code ticket}, {@code cache}, {@code session-id} or {@code off}. */
    public static final String MODE = "io.github.tlsresumption.session.mode";
    /** {@link String}: the stable id, 64 hexadecimal digits. */
    public static final String ID = "io.github.tlsresumption.session.id";
    /** {@link String}: the protocol as JSSE names it. */
    public static final String PROTOCOL = "io.github.tlsresumption.session.protocol";
    /** {@link java.time.Instant}: when the full handshake was. */
    public static final String ESTABLISHED = "io.github.tlsresumption.session.established";
    /** {@link java.time.Instant}: from when on the session is not resumed. */
    public static final String DEADLINE = "io.github.tlsresumption.session.deadline";

    private static final Set<String> NAMES = Set.of(RESUMED, MODE, ID, PROTOCOL, ESTABLISHED, DEADLINE);

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders)
    {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        EndPoint.SslSessionData data = endPoint == null ? null : endPoint.getSslSessionData();
        SSLSession session = data == null ? null : data.sslSession();
        if (session == null || !(session.getValue(TlsSession.NAME) instanceof TlsSession known))
            return request;
        return new SessionRequest(request, known);
    }

    /**
     * A request with the attributes of its session.
     */
    private static final class SessionRequest extends Request.AttributesWrapper
    {
        private SessionRequest(Request request, TlsSession session)
        {
            super(request, new Synthetic(request)
            {
                @Override
                protected Object getSyntheticAttribute(String name)
                {
                    return switch (name)
                    {
                        case RESUMED -> session.resumed();
                        case MODE -> session.mode();
                        case ID -> session.id().toString();
                        case PROTOCOL -> session.protocol();
                        case ESTABLISHED -> session.established();
                        case DEADLINE -> session.deadline();
                        default -> null;
                    };
                }

                @Override
                protected Set<String> getSyntheticNameSet()
                {
                    return NAMES;
                }
            });
        }
    }
}
