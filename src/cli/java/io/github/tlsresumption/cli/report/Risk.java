package io.github.tlsresumption.cli.report;

import java.time.Duration;
import java.util.Optional;

/**
 * What a way of resumption risks.
 *
 * @param exposure the time for which a key or a session can be misused
 * @param stolen what a thief of the keys has
 * @param end how a session is brought to its end
 * @param theft the worst that a theft does, in short
 * @param life for how long there is something to steal; empty when nothing ends it
 */
public record Risk(String exposure, String stolen, String end, Theft theft, Optional<Duration> life)
{
    private static final Duration STOCK_KEY = Duration.ofHours(25);
    private static final Duration STOCK_SESSION = Duration.ofHours(24);

    /**
     * The worst that a theft does.
     */
    public enum Theft
    {
        /** There is nothing to steal. */
        NOTHING("reads nothing", "there are no keys", "has nothing to steal"),
        /** Ticket keys alone are worth nothing. */
        MEMORY("reads nothing", "needs the server's memory", "has nothing without the server's memory"),
        /** Recorded traffic stays secret. */
        POSES("reads nothing recorded", "can pose as the server", "of a ticket key reads nothing recorded, but can pose as the server"),
        /** Also as a client that has proved who it is by a certificate. */
        POSES_AS_BOTH("reads nothing recorded", "can pose as either side",
            "of a ticket key reads nothing recorded, but can pose as the server, and as such a client to the server"),
        /** Recorded traffic is open, for ever. */
        READS("reads recorded traffic", "can pose as either side", "of a ticket key reads recorded traffic, and can pose as either side");

        private final String reading;
        private final String posing;
        private final String sentence;

        Theft(String reading, String posing, String sentence)
        {
            this.reading = reading;
            this.posing = posing;
            this.sentence = sentence;
        }

        String reading()
        {
            return reading;
        }

        String posing()
        {
            return posing;
        }

        /**
         * @return what follows 'a thief'
         */
        @Override
        public String toString()
        {
            return sentence;
        }
    }

    /**
     * @param way the way
     * @param protocol the version of TLS
     * @param environment the settings
     * @return its risk
     */
    public static Risk of(Way way, String protocol, Environment environment)
    {
        boolean tls13 = protocol.equals("TLSv1.3");
        String recorded = tls13 ? "cannot read recorded traffic (each resumption has a key exchange of its own); can pose as the server to "
            + "clients with such a ticket" + (environment.clientCertificates() ? ", and as such a client to the server" : "")
            : "reads all recorded traffic of the sessions whose tickets the key sealed, and can pose as either side";
        Theft tickets = !tls13 ? Theft.READS : environment.clientCertificates() ? Theft.POSES_AS_BOTH : Theft.POSES;
        Optional<Duration> session = Optional.of(environment.maxSessionDuration());
        return switch (way)
        {
            case FULL, STOCK_FULL -> new Risk("none", "nothing: there is no ticket key to steal that is used", "with its connection",
                Theft.NOTHING, Optional.of(Duration.ZERO));
            case TICKET -> new Risk("a ticket key: " + words(environment.keyLife()) + " at most, then erased", recorded,
                "at its deadline, " + words(environment.maxSessionDuration()) + " from the full handshake, or when forgotten", tickets,
                Optional.of(environment.keyLife()));
            case CACHE -> new Risk("a session key: " + words(environment.maxSessionDuration()) + " at most, in the server's memory",
                "of the ticket keys alone: nothing. Who reads the server's memory has the sessions that live then",
                "at its deadline, or when forgotten: its key is erased", Theft.MEMORY, session);
            case SESSION_ID -> new Risk("the session: " + words(environment.maxSessionDuration()) + " at most, in the server's memory",
                "there is no ticket key. Who reads the server's memory has the sessions that live then",
                "at its deadline, or when forgotten", Theft.MEMORY, session);
            case STOCK_TICKET -> new Risk("a ticket key: 25 h (1 h sealing, 24 h opening), cannot be shown, shortened or dropped",
                recorded, "never by itself: each resumption renews it; nobody can end it but by a restart", tickets,
                Optional.of(STOCK_KEY));
            case STOCK_CACHE -> new Risk(
                tls13 ? "the session: without end, while it is resumed" : "the session: 24 h, in the server's memory",
                "there is no ticket key. Who reads the server's memory has the sessions that live then",
                tls13 ? "when pushed out of the cache; each resumption renews it" : "after 24 h, or when pushed out of the cache",
                Theft.MEMORY, tls13 ? Optional.empty() : Optional.of(STOCK_SESSION));
        };
    }

    /**
     * @return the life in words
     */
    String time()
    {
        return life.map(duration -> words(duration) + " at most").orElse("without end");
    }

    static String words(Duration duration)
    {
        return duration.toHours() >= 1 && duration.toMinutesPart() == 0 ? duration.toHours() + " h"
            : duration.toMinutes() >= 1 && duration.toSecondsPart() == 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }
}
