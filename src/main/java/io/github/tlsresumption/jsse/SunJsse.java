package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.engine.ContextSource;
import io.github.tlsresumption.engine.TicketProtector;

/**
 * Makes SunJSSE contexts whose tickets are ours, and knows whether this JVM lets us. Thread-safe.
 */
final class SunJsse
{
    /**
     * The only JSSE provider that this package knows.
     */
    static final String PROVIDER = "SunJSSE";

    private static final String STATELESS_PROPERTY = "jdk.tls.server.enableSessionTicketExtension";
    private static final String KEY_PERIOD_PROPERTY = "jdk.tls.server.statelessKeyTimeout";

    private SunJsse()
    {
    }

    /**
     * @param context a context of SunJSSE, not yet initialized
     * @param protector seals and opens the tickets of the result
     * @param validation stands for all settings, beside the trust anchors, by which client certificates are validated: when it
     * changes, sessions end
     * @return a context to be used in its place
     * @throws GeneralSecurityException when the context is another provider's
     */
    static ResumptionSSLContext newContext(SSLContext context, TicketProtector protector, byte[] validation)
        throws GeneralSecurityException
    {
        if (!PROVIDER.equals(context.getProvider().getName()))
        {
            throw new GeneralSecurityException("not a context of " + PROVIDER + ": " + context.getProvider().getName());
        }
        return ResumptionSSLContext.of(context, protector, validation, SelfTest.priming(), SelfTest.cutting(),
            SelfTest.withdrawing());
    }

    /**
     * @param source makes a context of SunJSSE, not yet initialized
     * @return that context with tickets turned off, and SunJSSE's own cache alone
     * @throws GeneralSecurityException when it cannot be made
     */
    static SSLContext newContextWithoutTickets(ContextSource source) throws GeneralSecurityException
    {
        // Read by SunJSSE when a context is made, and only there; there is no other way to say it.
        synchronized (SunJsse.class)
        {
            String before = System.getProperty(STATELESS_PROPERTY);
            System.setProperty(STATELESS_PROPERTY, "false");
            try
            {
                return source.get();
            }
            finally
            {
                if (before == null)
                {
                    System.clearProperty(STATELESS_PROPERTY);
                }
                else
                {
                    System.setProperty(STATELESS_PROPERTY, before);
                }
            }
        }
    }

    /**
     * @return why a ticket of one use does not resume in TLS 1.3, or empty when it does
     */
    static Optional<String> singleUseObstacle()
    {
        return SelfTest.proving() ? Optional.empty() : Optional.of("in the sessions of this JDK ("
            + Internals.jdk() + ") there is no pre-shared key where it is looked for, so nobody can prove to have it");
    }

    /**
     * @return why no context of ours can work in this JVM, or empty when one can: system properties that SunJSSE reads,
     * then a {@linkplain SelfTest test} that really resumes sessions; the result of the latter is kept for the life of the JVM
     */
    static Optional<String> obstacle()
    {
        if ("false".equalsIgnoreCase(System.getProperty(STATELESS_PROPERTY)))
        {
            return Optional.of("the system property " + STATELESS_PROPERTY + " is false: remove it, and choose the mode in "
                + "jetty.tlsResumption.mode");
        }
        if (Integer.getInteger(TicketCount.PROPERTY, 1) <= 0)
        {
            return Optional.of("the system property " + TicketCount.PROPERTY + " is 0, with which TLS 1.2 handshakes fail: remove it");
        }
        if (KeyNumber.periodSeconds() == 0)
        {
            return Optional.of("the system property " + KEY_PERIOD_PROPERTY + " is 0: remove it, or set 1 to 604 seconds");
        }
        return SelfTest.failure().map(failure -> "SunJSSE of this JDK (" + Internals.jdk() + ") does not pass the self-test: "
            + String.join("; ", Stream.concat(Stream.of(failure), shortcomings().stream()).toList()));
    }

    /**
     * What is missing in a SunJSSE that this package does not know, though the JVM lets us look for it. Sessions are resumed without, but
     * not as they should be.
     *
     * @return for each thing what it is, with the names of the field and of the JDK, and what follows from it
     */
    static List<String> shortcomings()
    {
        if (KeyNumber.obstacle().isPresent())
        {
            // Whoever runs without the option is told so.
            return List.of();
        }
        return Stream.of(
            TicketKeyMap.obstacle().map(obstacle -> obstacle + ", so a ClientHello with hundreds of tickets costs more, and SunJSSE's "
                + "ticket keys expire by the wall clock"),
            TicketOffer.obstacle().map(obstacle -> obstacle + ", so each resumption of TLS 1.2 brings a new ticket"),
            EarlyData.obstacle().map(obstacle -> obstacle + ", so a client that sends early data loses its connection"),
            SessionIds.obstacle().map(obstacle -> obstacle + ", so a session id that a stranger offers may end its session"))
            .flatMap(Optional::stream).toList();
    }
}
