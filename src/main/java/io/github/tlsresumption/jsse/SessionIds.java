package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

/**
 * Keeps sessions in SunJSSE's own cache although handshakes that are not their client's name them. A session id is sent in clear, so
 * everybody who sees one can offer it; but SunJSSE removes what is offered as a pre-shared key before it looks at the proof, invalidates a
 * session when a handshake that resumes it fails, and knows no refusal for a single handshake. Needs
 * {@link KeyNumber#OPTION}: without it a session that a stranger offers is lost. Stateless.
 */
final class SessionIds
{
    private static final Field CONNECTION = Internals.field("SSLEngineImpl", "conContext");
    private static final Field HANDSHAKE = Internals.field("TransportContext", "handshakeContext");
    private static final Field SETTINGS = Internals.field("HandshakeContext", "sslConfig");
    private static final Field IDENTIFICATION = Internals.field("SSLConfiguration", "identificationProtocol");
    private static final Field INVALIDATED = Internals.field("SSLSessionImpl", "invalidated");
    private static final Method PUT = put();

    private SessionIds()
    {
    }

    /**
     * @return why this JVM does not let us, or empty
     */
    static Optional<String> obstacle()
    {
        return Internals.obstacle("SSLEngineImpl", "conContext")
            .or(() -> Internals.obstacle("TransportContext", "handshakeContext"))
            .or(() -> Internals.obstacle("HandshakeContext", "sslConfig"))
            .or(() -> Internals.obstacle("SSLConfiguration", "identificationProtocol"))
            .or(() -> Internals.obstacle("SSLSessionImpl", "invalidated"))
            .or(() -> PUT != null ? Optional.empty()
                : Optional.of("this JDK (" + Internals.jdk() + ") has no SSLSessionContextImpl.put(SSLSessionImpl) of SunJSSE"));
    }

    private static Method put()
    {
        try
        {
            Method put = Class.forName(Internals.PACKAGE + "SSLSessionContextImpl").getDeclaredMethod("put",
                Class.forName(Internals.PACKAGE + "SSLSessionImpl"));
            put.setAccessible(true);
            return put;
        }
        catch (InaccessibleObjectException | ReflectiveOperationException e)
        {
            return null;
        }
    }

    /**
     * Has SunJSSE resume no session by its id in the handshake that an engine is doing. To be called before the ClientHello is looked at.
     * <p>
     * SunJSSE resumes a session only under the identification algorithm under which it was established, and leaves it where it is
     * otherwise. No algorithm and an empty name both mean that nobody is identified, but they are not equal.
     *
     * @param engine of SunJSSE
     * @return whether it could be done
     */
    static boolean refuse(SSLEngine engine)
    {
        if (CONNECTION == null || HANDSHAKE == null || SETTINGS == null || IDENTIFICATION == null)
        {
            return false;
        }
        try
        {
            Object handshake = HANDSHAKE.get(CONNECTION.get(engine));
            if (handshake == null)
            {
                return false;
            }
            // The handshake's own copy: certificates are checked by the engine's.
            IDENTIFICATION.set(SETTINGS.get(handshake), "");
            return true;
        }
        catch (IllegalAccessException | IllegalArgumentException e)
        {
            return false;
        }
    }

    /**
     * Puts a session back that SunJSSE took out of its cache.
     *
     * @param sessions the cache
     * @param session the session, which may have been invalidated
     */
    static void restore(SSLSessionContext sessions, SSLSession session)
    {
        if (INVALIDATED == null || PUT == null)
        {
            return;
        }
        try
        {
            INVALIDATED.setBoolean(session, false);
            PUT.invoke(sessions, session);
        }
        catch (ReflectiveOperationException | IllegalArgumentException e)
        {
            // The session's client does a full handshake.
            session.invalidate();
        }
    }
}
