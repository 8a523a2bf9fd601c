package io.github.tlsresumption.jsse;

import java.util.Arrays;
import java.util.Optional;

/**
 * How many tickets SunJSSE sends after a handshake of TLS 1.3 (RFC 8446 section 4.6.1). It reads that once in a JVM, from a system
 * property, when its first context is made. Thread-safe.
 */
final class TicketCount
{
    static final String PROPERTY = "jdk.tls.server.newSessionTicketCount";
    static final String SETTING = "jetty.tlsResumption.ticketsPerConnection";

    private static final String CONFIGURATION = "sun.security.ssl.SSLConfiguration";
    private static final String FIELD = "serverNewSessionTicketCount";

    /** What a connector of this JVM has asked for; null when none has. */
    private static Integer chosen;
    /** Whether the property is ours. */
    private static boolean isSet;

    private TicketCount()
    {
    }

    /**
     * Asks for a number of tickets. To be called before SunJSSE makes its first context; what came of it is to be
     * {@linkplain #confirm confirmed}.
     *
     * @param count how many
     * @return why it cannot be, or empty
     */
    static synchronized Optional<String> request(int count)
    {
        String given = System.getProperty(PROPERTY);
        if (given != null && !isSet && !given.strip().equals(String.valueOf(count)))
        {
            return Optional.of(SETTING + " is " + count + ", but the system property " + PROPERTY + " is " + given
                + ": remove one of them, or set both to the same value");
        }
        if (chosen != null && chosen != count)
        {
            return Optional.of(SETTING + " is " + count + " for one connector and " + chosen + " for another, but SunJSSE has one "
                + "number for the whole JVM: set it to the same value for all connectors; a change needs a restart of the JVM");
        }
        if (given == null && count > 1)
        {
            System.setProperty(PROPERTY, String.valueOf(count));
            isSet = true;
        }
        chosen = count;
        return Optional.empty();
    }

    /**
     * @param count what was {@linkplain #request requested}
     * @param sent what the self-test has seen
     * @return why the request came to nothing, or empty
     */
    static synchronized Optional<String> confirm(int count, int sent)
    {
        if (sent == count)
        {
            return Optional.empty();
        }
        if (isSet)
        {
            // It has no effect any more.
            System.clearProperty(PROPERTY);
        }
        isSet = false;
        chosen = null;
        String why = isKnown()
            ? "something in this JVM used TLS before this connector started, and since then SunJSSE sends " + sent
                + ": start the JVM with -D" + PROPERTY + "=" + count
            : "SunJSSE of this JDK (" + Internals.jdk() + ") always sends " + sent + ": remove it, or run a JDK that knows the system "
                + "property " + PROPERTY + ", as JDK 25 does";
        return Optional.of(SETTING + " is " + count + ", but " + why);
    }

    /**
     * Without initializing that class, which reads the property.
     *
     * @return whether SunJSSE reads the property
     */
    static boolean isKnown()
    {
        try
        {
            Class<?> configuration = Class.forName(CONFIGURATION, false, null);
            return Arrays.stream(configuration.getDeclaredFields()).anyMatch(field -> field.getName().equals(FIELD));
        }
        catch (ClassNotFoundException | LinkageError e)
        {
            return false;
        }
    }
}
