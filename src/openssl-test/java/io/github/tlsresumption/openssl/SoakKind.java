package io.github.tlsresumption.openssl;

import java.util.Random;

/**
 * What connections a soak has, each with its share in a thousand.
 */
enum SoakKind
{
    FULL(150),
    RESUMED_BY_TICKET(230),
    RESUMED_BY_ID(50),
    /** The decision refuses the ticket. */
    REFUSED(60),
    /** One bit of the ticket is another. */
    TAMPERED(30),
    /** The application invalidates the session, and the client comes back with it. */
    FORGOTTEN(40),
    CLIENT_CERTIFICATE(30),
    CLIENT_CERTIFICATE_RESUMED(20),
    /** With a certificate that nobody trusts. */
    STRANGER(15),
    NO_COMMON_PROTOCOL(10),
    /** The server drops the connection, after any step. */
    ABORTED_BY_SERVER(80),
    /** The client sends an alert or nothing more, after any step. */
    ABORTED_BY_CLIENT(60),
    CLOSED_BY_SERVER(40),
    HALF_A_HELLO(55),
    /** After any step. */
    RANDOM_BYTES(60),
    RENEGOTIATION(15),
    KEY_UPDATES(20),
    /** Early data that the server has never allowed. */
    FOREIGN_EARLY_DATA(15),
    DOWNLOAD(2),
    UPLOAD(2),
    /** Takes its response in pieces, while others come and go. */
    SLOW_READER(2),
    /** Nobody closes the engine: it is left to the collector of garbage. */
    DROPPED(4),
    /** SunJSSE's client, which resumes when it can. */
    JSSE_CLIENT(10);

    private static final int ALL = 1000;

    private final int share;

    SoakKind(int share)
    {
        this.share = share;
    }

    static SoakKind any(Random random)
    {
        int at = random.nextInt(ALL);
        for (SoakKind kind : values())
        {
            at -= kind.share;
            if (at < 0)
            {
                return kind;
            }
        }
        throw new AssertionError("the shares are no thousand");
    }

    /**
     * How a connection has ended, or what it was when it was ended.
     */
    enum Outcome
    {
        /** A full handshake was complete. */
        FULL,
        /** A session was resumed. */
        RESUMED,
        /** The engine has thrown. */
        ALERT,
        /** The handshake was not complete, and nobody has complained. */
        UNFINISHED
    }
}
