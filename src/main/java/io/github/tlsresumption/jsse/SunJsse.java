package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.engine.ContextSource;
import io.github.tlsresumption.engine.EngineContext;
import io.github.tlsresumption.engine.TicketProtector;

/**
 * The way into this package: makes SunJSSE contexts whose tickets are ours, and knows whether this JVM lets us.
 * Thread-safe.
 */
final class SunJsse
{
    /**
     * The only JSSE provider that this package knows.
     */
    public static final String PROVIDER = "SunJSSE";

    private static final String STATELESS_PROPERTY = "jdk.tls.server.enableSessionTicketExtension";
    private static final String KEY_PERIOD_PROPERTY = "jdk.tls.server.statelessKeyTimeout";

    private SunJsse()
    {
    }

    /**
     * Registers the security providers that SunJSSE needs to find us; to be answered by one {@link #release()}.
     */
    static void acquire()
    {
        StekProvider.acquire();
    }

    /**
     * Takes the security providers out when nobody needs them any more.
     */
    static void release()
    {
        StekProvider.release();
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
     * @param context a context of SunJSSE, not yet initialized
     * @return that context with tickets turned off, and SunJSSE's own cache alone
     * @throws GeneralSecurityException when it cannot be made
     */
    static SSLContext newContextWithoutTickets(ContextSource context) throws GeneralSecurityException
    {
        // Read by SunJSSE when a context is made, and only there; there is no other way to say it.
        synchronized (SunJsse.class)
        {
            String before = System.getProperty(STATELESS_PROPERTY);
            System.setProperty(STATELESS_PROPERTY, "false");
            try
            {
                return context.get();
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
     * @return why tickets cannot be shared with other contexts, processes and nodes, or empty when they can.
     * Without it a ticket lives as long as its context: a keystore reload or a restart ends it.
     */
    static Optional<String> sharingObstacle()
    {
        return KeyNumber.obstacle();
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

    /**
     * Has SunJSSE send that many tickets after each handshake of TLS 1.3, in the whole JVM. To be called before {@link #obstacle()}.
     *
     * @param count how many, 1 or more
     * @return why it cannot be, with the names of the settings, or empty
     */
    static Optional<String> requestTickets(int count)
    {
        return TicketCount.request(count);
    }

    /**
     * To be called after {@link #obstacle()} has found none.
     *
     * @param count what was {@linkplain #requestTickets requested}
     * @return why SunJSSE sends another number, or empty; also empty where TLS 1.3 is off, so that there are none
     */
    static Optional<String> ticketsObstacle(int count)
    {
        return ticketsPerConnection().isPresent() ? TicketCount.confirm(count, ticketsPerConnection().getAsInt()) : Optional.empty();
    }

    /**
     * @return how many tickets SunJSSE sends after a handshake of TLS 1.3, as the self-test has seen; empty when it could not try
     */
    static OptionalInt ticketsPerConnection()
    {
        return SelfTest.tickets();
    }

    /**
     * @return how often a context's {@link EngineContext#renew()} is to be called
     */
    static Duration renewalPeriod()
    {
        return Duration.ofSeconds(KeyNumber.periodSeconds()).dividedBy(2);
    }
}
