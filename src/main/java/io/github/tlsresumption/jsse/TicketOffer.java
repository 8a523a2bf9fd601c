package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/**
 * Has SunJSSE resume a session of TLS 1.2 without a new ticket, which RFC 5077 section 3.3 allows and SunJSSE has no setting for.
 * <p>
 * By one field SunJSSE tells whether the session came in a ticket, whether its ServerHello announces a ticket, whether one follows,
 * and whether the session goes into its cache. So the field is cleared between the first and the second, and set again before the
 * last. Needs {@link KeyNumber#OPTION}; without it each resumption has a new ticket. Stateless.
 */
final class TicketOffer
{
    private static final String TLS12 = "TLSv1.2";
    private static final Field CONNECTION = Internals.field("SSLEngineImpl", "conContext");
    private static final Field HANDSHAKE = Internals.field("TransportContext", "handshakeContext");
    private static final Field RESUMPTION = Internals.field("HandshakeContext", "isResumption");
    private static final Field BY_TICKET = Internals.field("HandshakeContext", "statelessResumption");

    private TicketOffer()
    {
    }

    /**
     * @return why this JVM does not let us, or empty
     */
    static Optional<String> obstacle()
    {
        return Internals.obstacle("SSLEngineImpl", "conContext")
            .or(() -> Internals.obstacle("TransportContext", "handshakeContext"))
            .or(() -> Internals.obstacle("HandshakeContext", "isResumption", "statelessResumption"));
    }

    /**
     * @return whether this JVM lets us
     */
    static boolean isPossible()
    {
        return CONNECTION != null && HANDSHAKE != null && RESUMPTION != null && BY_TICKET != null;
    }

    /**
     * @param engine of SunJSSE
     * @return whether it has chosen to resume a session of TLS 1.2 out of a ticket, and will give the client a new one
     */
    static boolean isDue(SSLEngine engine)
    {
        SSLSession session = engine.getHandshakeSession();
        return session != null && TLS12.equals(session.getProtocol()) && is(engine, RESUMPTION) && is(engine, BY_TICKET);
    }

    /**
     * To be called where {@link #isDue}, before the ServerHello has its extensions.
     *
     * @param engine of SunJSSE
     * @return whether there will be no new ticket; then {@link #restore} is to be called once the server's Finished is made
     */
    static boolean withdraw(SSLEngine engine)
    {
        return set(engine, false);
    }

    /**
     * @param engine of SunJSSE
     * @return whether SunJSSE knows again that the session came in a ticket, and does not put it into its cache
     */
    static boolean restore(SSLEngine engine)
    {
        return set(engine, true);
    }

    private static boolean is(SSLEngine engine, Field flag)
    {
        try
        {
            Object handshake = isPossible() ? HANDSHAKE.get(CONNECTION.get(engine)) : null;
            return handshake != null && flag.getBoolean(handshake);
        }
        catch (IllegalAccessException | IllegalArgumentException e)
        {
            return false;
        }
    }

    private static boolean set(SSLEngine engine, boolean byTicket)
    {
        try
        {
            Object handshake = HANDSHAKE.get(CONNECTION.get(engine));
            if (handshake == null)
            {
                return false;
            }
            BY_TICKET.setBoolean(handshake, byTicket);
            return true;
        }
        catch (IllegalAccessException | IllegalArgumentException e)
        {
            return false;
        }
    }
}
