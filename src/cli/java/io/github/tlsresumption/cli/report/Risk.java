package io.github.tlsresumption.cli.report;

import java.time.Duration;

/**
 * What a way of resumption risks.
 *
 * @param exposure the time for which a key or a session can be misused
 * @param stolen what a thief of the keys has
 * @param end how a session is brought to its end
 */
public record Risk(String exposure, String stolen, String end)
{
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
        return switch (way)
        {
            case FULL, STOCK_FULL -> new Risk("none", "nothing: there is no ticket key to steal that is used", "with its connection");
            case TICKET -> new Risk("a ticket key: " + words(environment.keyLife()) + " at most, then erased", recorded,
                "at its deadline, " + words(environment.maxSessionDuration()) + " from the full handshake, or when forgotten");
            case CACHE -> new Risk("a session key: " + words(environment.maxSessionDuration()) + " at most, in the server's memory",
                "of the ticket keys alone: nothing. Who reads the server's memory has the sessions that live then",
                "at its deadline, or when forgotten: its key is erased");
            case SESSION_ID -> new Risk("the session: " + words(environment.maxSessionDuration()) + " at most, in the server's memory",
                "there is no ticket key. Who reads the server's memory has the sessions that live then",
                "at its deadline, or when forgotten");
            case STOCK_TICKET -> new Risk("a ticket key: 25 h (1 h sealing, 24 h opening), cannot be shown, shortened or dropped",
                recorded, "never by itself: each resumption renews it; nobody can end it but by a restart");
            case STOCK_CACHE -> new Risk(
                tls13 ? "the session: without end, while it is resumed" : "the session: 24 h, in the server's memory",
                "there is no ticket key. Who reads the server's memory has the sessions that live then",
                tls13 ? "when pushed out of the cache; each resumption renews it" : "after 24 h, or when pushed out of the cache");
        };
    }

    static String words(Duration duration)
    {
        return duration.toHours() >= 1 && duration.toMinutesPart() == 0 ? duration.toHours() + " h"
            : duration.toMinutes() >= 1 && duration.toSecondsPart() == 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }
}
