package io.github.tlsresumption.jetty;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.resumption.ForgetOrder;
import io.github.tlsresumption.resumption.Forgetting;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Attributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells applications about the TLS session of their connection, in request attributes, and takes from them whose it is and when it
 * shall be forgotten. All values are of types of the JDK, so that web applications need none of ours. Requests of other
 * connections pass unchanged. Stateless.
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
    /** {@link java.time.Instant}: from when on the session is not resumed, and with closeAtDeadline its connections end. */
    public static final String DEADLINE = "io.github.tlsresumption.session.deadline";
    /**
     * {@link String} or {@link Principal}, set by the application: the session's user. The session can then be forgotten by that
     * name. A session may have several users in turn; to remove the attribute does not take a name back.
     */
    public static final String PRINCIPAL = "io.github.tlsresumption.session.principal";
    /** {@link Runnable}: forgets the session. */
    public static final String FORGET = "io.github.tlsresumption.session.forget";
    /** {@link Runnable}: forgets all sessions of this session's client, told by its certificate's key or its address. */
    public static final String FORGET_CLIENT = "io.github.tlsresumption.session.forgetClient";
    /** {@link Consumer} of {@link String}: forgets all sessions of the user of that name. */
    public static final String FORGET_PRINCIPAL = "io.github.tlsresumption.session.forgetPrincipal";

    private static final Logger LOG = LoggerFactory.getLogger(SessionCustomizer.class);
    private static final Set<String> FACTS = Set.of(RESUMED, MODE, ID, PROTOCOL, ESTABLISHED, DEADLINE);
    private static final Set<String> NAMES =
        Set.of(RESUMED, MODE, ID, PROTOCOL, ESTABLISHED, DEADLINE, PRINCIPAL, FORGET, FORGET_CLIENT, FORGET_PRINCIPAL);

    private final Function<Connector, Optional<Forgetting>> present;
    private final Forgetter forgetter;

    /**
     * Forgets sessions that a connector may resume, or another one.
     */
    @FunctionalInterface
    public interface Forgetter
    {
        /**
         * @param connector by which the application was asked
         * @param order says who is forgotten
         * @throws IOException when others have not been told yet, which is tried again
         */
        void forget(Connector connector, ForgetOrder order) throws IOException;
    }

    /**
     * @param present finds what knows who was forgotten on a connector; asked at each request
     * @param forgetter is asked when somebody is to be forgotten, and may take a store into use
     */
    public SessionCustomizer(Function<Connector, Optional<Forgetting>> present, Forgetter forgetter)
    {
        this.present = present;
        this.forgetter = forgetter;
    }

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders)
    {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        EndPoint.SslSessionData data = endPoint == null ? null : endPoint.getSslSessionData();
        SSLSession session = data == null ? null : data.sslSession();
        if (session == null || !(session.getValue(TlsSession.NAME) instanceof TlsSession known))
        {
            return request;
        }
        Connector connector = request.getConnectionMetaData().getConnector();
        return new SessionRequest(request, known, present.apply(connector), order -> forgetter.forget(connector, order),
            () -> client(endPoint, session));
    }

    private static Client client(EndPoint endPoint, SSLSession session)
    {
        Optional<String> address = endPoint.getRemoteSocketAddress() instanceof InetSocketAddress remote && remote.getAddress() != null
            ? Optional.of(remote.getAddress().getHostAddress()) : Optional.empty();
        List<X509Certificate> certificates = new ArrayList<>();
        try
        {
            for (Certificate certificate : session.getPeerCertificates())
            {
                certificates.add((X509Certificate)certificate);
            }
        }
        catch (SSLPeerUnverifiedException e)
        {
            // Most clients have none.
            LOG.trace("no certificate", e);
        }
        return new Client(session.getProtocol(), Optional.empty(), address, certificates);
    }

    /**
     * What others have not been told yet is tried again, so the application has nothing to do about it.
     */
    private static void call(ForgetCall call)
    {
        try
        {
            call.run();
        }
        catch (IOException e)
        {
            // The forget list says so itself, once for all calls.
            LOG.debug("others are told later", e);
        }
        catch (IllegalStateException e)
        {
            LOG.warn("An application was not able to forget a session: {}", e.getMessage());
        }
    }

    private interface ForgetCall
    {
        void run() throws IOException;
    }

    private interface Acting
    {
        void forget(ForgetOrder order) throws IOException;
    }

    /**
     * A request with the attributes of its session.
     */
    private static final class SessionRequest extends Request.AttributesWrapper
    {
        private SessionRequest(Request request, TlsSession session, Optional<Forgetting> forgetting, Acting acting,
            Supplier<Client> client)
        {
            super(request, new SessionAttributes(request, session, forgetting, acting, client));
        }
    }

    /**
     * The attributes of a request, and those of its session.
     */
    private static final class SessionAttributes extends Attributes.Synthetic
    {
        private final TlsSession session;
        private final Optional<Forgetting> forgetting;
        private final Acting acting;
        private final Supplier<Client> client;

        private SessionAttributes(Request request, TlsSession session, Optional<Forgetting> forgetting, Acting acting,
            Supplier<Client> client)
        {
            super(request);
            this.session = session;
            this.forgetting = forgetting;
            this.acting = acting;
            this.client = client;
        }

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
                case FORGET -> forgetting.map(known -> forget()).orElse(null);
                case FORGET_CLIENT -> forgetting.map(known -> forgetClient()).orElse(null);
                case FORGET_PRINCIPAL -> forgetting.map(known -> forgetPrincipal()).orElse(null);
                default -> null;
            };
        }

        private Runnable forget()
        {
            return () -> act(control -> control.forgetSession(session.id()));
        }

        private Runnable forgetClient()
        {
            return () ->
            {
                // As it is now: the order may be given when the connection is gone.
                Client known = client.get();
                act(control -> control.forgetClient(session, known));
            };
        }

        private Consumer<String> forgetPrincipal()
        {
            return name -> act(control -> control.forgetPrincipal(name));
        }

        private void act(ForgetOrder order)
        {
            call(() -> acting.forget(order));
        }

        @Override
        public Object setAttribute(String name, Object attribute)
        {
            if (PRINCIPAL.equals(name) && attribute != null)
            {
                String user = attribute instanceof Principal known ? known.getName() : attribute.toString();
                call(() -> bind(user));
            }
            return super.setAttribute(name, attribute);
        }

        private void bind(String user) throws IOException
        {
            if (forgetting.isPresent())
            {
                forgetting.get().bind(session, user);
            }
        }

        @Override
        protected Set<String> getSyntheticNameSet()
        {
            return forgetting.isPresent() ? NAMES : FACTS;
        }
    }
}
