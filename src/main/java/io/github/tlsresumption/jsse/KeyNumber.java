package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.util.Optional;
import javax.net.ssl.SSLSessionContext;

/**
 * The number that SunJSSE writes in front of a ticket, and by which it looks its key up before it asks our cipher.
 * It starts at random in each context and goes up with each period; a ticket is taken by another context, process or node
 * only if the number is the same everywhere.
 */
final class KeyNumber
{
    /**
     * The option that lets this class set the number when the module is on the class path.
     */
    static final String OPTION = "--add-opens=java.base/sun.security.ssl=ALL-UNNAMED";

    private static final String CONTEXT_CLASS = "SSLSessionContextImpl";
    private static final String FIELD = "currentKeyID";
    private static final int NUMBER = 0x4A545231;
    private static final String PERIOD_PROPERTY = "jdk.tls.server.statelessKeyTimeout";
    private static final int DEFAULT_PERIOD_SECONDS = 3600;
    /** SunJSSE compares milliseconds with a limit in seconds, and takes the default beyond it. */
    private static final int MAX_PERIOD_SECONDS = 604;

    private static final Field CURRENT = Internals.field(CONTEXT_CLASS, FIELD);

    private KeyNumber()
    {
    }

    /**
     * @return why the number cannot be set in this JVM, or empty when it can
     */
    static Optional<String> obstacle()
    {
        return Internals.obstacle(CONTEXT_CLASS, FIELD);
    }

    /**
     * Makes the next key that SunJSSE makes in a context carry our number. Any key of that number is replaced;
     * that is harmless, as every one stands for the same ring.
     *
     * @return whether it could be done
     */
    static boolean pin(SSLSessionContext sessions)
    {
        if (CURRENT == null)
        {
            return false;
        }
        try
        {
            // SunJSSE adds one.
            CURRENT.setInt(sessions, NUMBER - 1);
            return true;
        }
        catch (IllegalAccessException | IllegalArgumentException e)
        {
            return false;
        }
    }

    /**
     * @return whether the current key has our number, or the next one will; true also where that cannot be told
     */
    static boolean isPinned(SSLSessionContext sessions)
    {
        if (CURRENT == null)
        {
            return true;
        }
        try
        {
            int current = CURRENT.getInt(sessions);
            return current == NUMBER || current == NUMBER - 1;
        }
        catch (IllegalAccessException | IllegalArgumentException e)
        {
            return true;
        }
    }

    /**
     * @return the seconds after which SunJSSE makes a new key, with the next number
     */
    static int periodSeconds()
    {
        int seconds = Integer.getInteger(PERIOD_PROPERTY, DEFAULT_PERIOD_SECONDS);
        return seconds < 0 || seconds > MAX_PERIOD_SECONDS ? DEFAULT_PERIOD_SECONDS : seconds;
    }
}
