package io.github.tlsresumption.jsse;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSessionContext;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SunJSSE's ticket keys by their number, where a handshake that opens no more tickets finds none, and where none expires.
 * <p>
 * For each ticket whose number it finds SunJSSE gets a cipher from JCA before it asks us, which is dear, and a ClientHello has room
 * for hundreds. A ticket whose number it does not find is passed over.
 * <p>
 * By the wall clock, SunJSSE ends a key an hour after it was made, and goes on to the next number, which no other process knows; later it
 * passes over the tickets of the key as well. A clock that is set ahead, or a machine that was suspended, would bring both about in the
 * middle of a handshake. Each key stands for the whole ring, so it has no end of its own.
 */
final class TicketKeyMap extends ConcurrentHashMap<Integer, Object>
{
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(TicketKeyMap.class);
    private static final String CONTEXT_CLASS = "SSLSessionContextImpl";
    private static final String KEY_CLASS = "SessionTicketExtension$StatelessKey";
    private static final String KEYS = "keyHashMap";
    private static final String TIMEOUT = "timeout";
    private static final Field MAP = Internals.field(CONTEXT_CLASS, KEYS);
    private static final Field EXPIRY = Internals.field(KEY_CLASS, TIMEOUT);
    /** In milliseconds since 1970. SunJSSE adds a session's timeout to it. */
    private static final long NEVER = Long.MAX_VALUE / 2;

    private final transient ResumptionSSLContextSpi context;

    private TicketKeyMap(ResumptionSSLContextSpi context, Map<Integer, Object> keys)
    {
        super(keys);
        this.context = context;
    }

    /**
     * @return why there is no such map in this JVM, or one whose keys expire, or empty
     */
    static Optional<String> obstacle()
    {
        return Internals.obstacle(CONTEXT_CLASS, KEYS).or(() -> Internals.obstacle(KEY_CLASS, TIMEOUT));
    }

    /**
     * Takes the place of SunJSSE's own map, where the JVM allows it. To be called before the context is used.
     *
     * @param sessions the session context of {@code context}
     * @param context whose handshakes are looked at
     * @return whether it could be done
     */
    @SuppressWarnings("unchecked")
    static boolean install(SSLSessionContext sessions, ResumptionSSLContextSpi context)
    {
        if (MAP == null)
        {
            return false;
        }
        try
        {
            // With tickets turned off there is an immutable one.
            if (!(MAP.get(sessions) instanceof ConcurrentHashMap<?, ?> keys))
            {
                return false;
            }
            MAP.set(sessions, new TicketKeyMap(context, (Map<Integer, Object>)keys));
            return true;
        }
        catch (IllegalAccessException | IllegalArgumentException e)
        {
            return false;
        }
    }

    @Override
    public Object get(Object number)
    {
        EngineHandshake handshake = EngineHandshake.current(context);
        return handshake != null && handshake.exchange().isExhausted() ? null : super.get(number);
    }

    @Override
    public Object put(Integer number, Object key)
    {
        keepForEver(key);
        return super.put(number, key);
    }

    /**
     * Where the JVM does not allow it, the key expires: see {@link ResumptionSSLContextSpi#keepKeyNumber}.
     */
    private static void keepForEver(Object key)
    {
        try
        {
            if (EXPIRY != null)
            {
                EXPIRY.setLong(key, NEVER);
            }
        }
        catch (IllegalAccessException | IllegalArgumentException e)
        {
            LOG.debug("SunJSSE's ticket keys expire", e);
        }
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException
    {
        throw new NotSerializableException(getClass().getName());
    }
}
