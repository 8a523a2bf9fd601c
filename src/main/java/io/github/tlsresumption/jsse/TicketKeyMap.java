package io.github.tlsresumption.jsse;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLSessionContext;

/**
 * SunJSSE's ticket keys by their number, where a handshake that opens no more tickets finds none.
 * <p>
 * For each ticket whose number it finds SunJSSE gets a cipher from JCA before it asks us, which is dear, and a ClientHello has room
 * for hundreds. A ticket whose number it does not find is passed over.
 */
final class TicketKeyMap extends ConcurrentHashMap<Integer, Object>
{
    private static final long serialVersionUID = 1L;
    private static final String CONTEXT_CLASS = "sun.security.ssl.SSLSessionContextImpl";
    private static final String FIELD = "keyHashMap";
    private static final Field MAP = field();

    private final transient ResumptionSSLContextSpi context;

    private TicketKeyMap(ResumptionSSLContextSpi context, Map<Integer, Object> keys)
    {
        super(keys);
        this.context = context;
    }

    private static Field field()
    {
        try
        {
            Field field = Class.forName(CONTEXT_CLASS).getDeclaredField(FIELD);
            field.setAccessible(true);
            return field;
        }
        catch (InaccessibleObjectException | ReflectiveOperationException x)
        {
            return null;
        }
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
            return false;
        try
        {
            // With tickets turned off there is an immutable one.
            if (!(MAP.get(sessions) instanceof ConcurrentHashMap<?, ?> keys))
                return false;
            MAP.set(sessions, new TicketKeyMap(context, (Map<Integer, Object>)keys));
            return true;
        }
        catch (IllegalAccessException | IllegalArgumentException x)
        {
            return false;
        }
    }

    @Override
    public Object get(Object number)
    {
        EngineHandshake handshake = EngineHandshake.current(context);
        return handshake != null && handshake.isExhausted() ? null : super.get(number);
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException
    {
        throw new NotSerializableException(getClass().getName());
    }
}
