package io.github.tlsresumption.openssl;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.tlsresumption.engine.KeyTickets;

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
     * What becomes of a ticket that a client offers, of a library that seals by itself.
     */
    enum Taking
    {
        /** Its session is resumed, and the client keeps it, which is for TLS 1.2. */
        RESUME,
        /** Its session is resumed, and the client gets a new one. */
        RESUME_AND_RENEW,
        /** A full handshake follows, and the client gets none, which is for sessions that are not to be resumed. */
        REFUSE,
        /** A full handshake follows, and the client gets a new one. */
        REFUSE_AND_RENEW
    }

    /**
     * A ClientHello has arrived.
     *
     * @param hello its body (RFC 8446 section 4.1.2), which may be malformed
     */
    void received(byte[] hello);

    /**
     * What was {@linkplain #received received} last is well-formed; nothing is decided. May be asked more than once.
     */
    Answer clientHello();

    /**
     * @return the alert for {@link Answer#NO} of {@link #clientHello} (RFC 8446 section 6)
     */
    int helloAlert();

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
     * Asked by a library that seals by itself, before a ticket's keys.
     *
     * @param secret of the session, without which its state is sealed
     * @return what is to ride in the ticket beside that state, to be overwritten; empty in a ticket that nobody can open
     */
    byte[] ticketData(SessionSecret secret);

    /**
     * Asked in TLS 1.3 when {@link #ticketData} has been.
     *
     * @return for how many seconds the client may keep the ticket; empty for as long as the library says
     */
    OptionalLong ticketSeconds();

    /**
     * @return the keys for a new ticket, to be overwritten; empty for none, in TLS 1.2
     */
    Optional<KeyTickets.Secrets> newTicketSecrets();

    /**
     * @param name in front of a ticket that the client offers
     * @param iv behind it
     * @return its keys, to be overwritten; empty when it cannot be opened
     */
    Optional<KeyTickets.Secrets> ticketSecrets(byte[] name, byte[] iv);

    /**
     * The client offers a ticket that the library was able to decrypt.
     *
     * @param data what rides in it
     * @param secret gets the secret of its session if that is resumed; to be told during this call
     */
    Taking takeTicket(byte[] data, Consumer<byte[]> secret);

    /**
     * The client offers a ticket that the library was not able to decrypt.
     *
     * @param name in front of it, shorter where the ticket is; empty where the client has none and would like one
     */
    Taking unreadableTicket(byte[] name);

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
     * @param chain gives the client's certificates, its own first; to be asked during this call
     * @return whether it is accepted
     */
    Answer verify(Supplier<List<byte[]>> chain);

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
