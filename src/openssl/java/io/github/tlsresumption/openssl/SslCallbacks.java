package io.github.tlsresumption.openssl;

import java.util.OptionalInt;

/**
 * What a native library asks during a handshake. Implementations never throw into the library: the binding catches what they throw, tells
 * {@link #thrown} and answers as the failure rule says. They must not free the connection, and do not call {@link LibSsl#handshake}.
 */
interface SslCallbacks
{
    /**
     * An answer to a question that may be put off.
     */
    enum Answer
    {
        /** Go on. */
        YES,
        /** End the handshake. */
        NO,
        /** Ask again later: {@link LibSsl#WAITS}. */
        LATER
    }

    /**
     * The ClientHello has arrived; nothing is decided. May be asked more than once.
     *
     * @param hello its body (RFC 8446 section 4.1.2)
     */
    Answer clientHello(byte[] hello);

    /**
     * @param offered the client's list (RFC 7301 section 3.1): names, each behind its length
     * @return where in the list the chosen name's length is, or empty for none
     * @throws RefusedProtocolException when the handshake is to fail
     */
    OptionalInt chooseProtocol(byte[] offered);

    /**
     * @return by how many bytes a ticket may be longer than its state
     */
    int ticketOverhead();

    /**
     * @param state a session's state
     * @return its ticket, never empty
     */
    byte[] seal(byte[] state);

    /**
     * @param ticket what a client offers
     * @return its state, or that there is none, or that it comes later
     */
    Opening open(byte[] ticket);

    /**
     * The handshake has established a session with an id (TLS 1.2).
     *
     * @param id 32 bytes
     * @param state its state
     */
    void newSession(byte[] id, byte[] state);

    /**
     * @param id what a client offers (TLS 1.2)
     * @return its state, or that there is none, or that it comes later
     */
    Opening findSession(byte[] id);

    /**
     * The client has sent a certificate. May be asked more than once.
     *
     * @return whether it is accepted
     */
    Answer verify();

    /**
     * @return the alert for {@link Answer#NO} of {@link #verify} (RFC 8446 section 6)
     */
    int verifyAlert();

    /**
     * Asks for a signature with the key of a certificate that was set without one.
     *
     * @param scheme a SignatureScheme (RFC 8446 section 4.2.3)
     * @param input the bytes to sign, which are not a digest
     */
    Answer sign(int scheme, byte[] input);

    /**
     * @return the signature after {@link Answer#YES} of {@link #sign}
     */
    byte[] signature();

    /**
     * @return what has become of a signature that was put off
     */
    Answer signed();

    /**
     * @param e what a method above has thrown
     */
    void thrown(Throwable e);

    /**
     * No protocol in common: the alert no_application_protocol (RFC 7301 section 3.2).
     */
    final class RefusedProtocolException extends RuntimeException
    {
        private static final long serialVersionUID = 1L;

        RefusedProtocolException()
        {
            super("no application protocol in common", null, false, false);
        }
    }
}
