package io.github.tlsresumption.cli.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What came of a connection.
 *
 * @param suite the cipher suite
 * @param how by what the session was resumed; full if it was not
 * @param chain the server's certificates; none when the session was resumed
 * @param clientCertificate whether the server asked for one, which it did not get
 * @param tickets in the order in which they came
 * @param answered whether the request was answered, or the server has said goodbye
 * @param session the newest session that can be resumed, if any
 */
public record Outcome(String suite, How how, List<X509Certificate> chain, boolean clientCertificate, List<Ticket> tickets,
    boolean answered, Optional<ClientSession> session)
{
    /**
     * How a handshake went.
     */
    public enum How
    {
        /** A full handshake. */
        FULL("full"),
        /** A ticket of TLS 1.2. */
        TICKET("ticket"),
        /** A session id of TLS 1.2. */
        SESSION_ID("session-id"),
        /** A ticket of TLS 1.3, which is a pre-shared key. */
        PSK("psk");

        private final String name;

        How(String name)
        {
            this.name = name;
        }

        @Override
        public String toString()
        {
            return name;
        }
    }

    /**
     * @return whether the session that was offered goes on
     */
    public boolean resumed()
    {
        return how != How.FULL;
    }
}
