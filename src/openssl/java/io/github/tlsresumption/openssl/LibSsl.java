package io.github.tlsresumption.openssl;

import java.util.List;
import java.util.Optional;

/**
 * What is needed of a native TLS library, for servers. Objects of the library are {@code long}s: their addresses, and 0 is none. Who gets
 * one from a {@code new} method frees it, once, by the {@code free} method beside it; nothing here counts or remembers.
 * <p>
 * Contexts, certificates, keys and sessions may be used by many threads at the same time, a connection by one at a time. No method blocks,
 * except that {@link #handshake} calls back.
 */
interface LibSsl
{
    /** The step is done. */
    int DONE = 1;
    /** The library has refused or failed; an alert for the client may wait in what is to be sent. See {@link #errors}. */
    int FAILED = -1;
    /** More bytes of the client are needed. */
    int WANTS_INPUT = -2;
    /** A callback has put its answer off; the handshake goes on where it stopped when it is asked again. */
    int WAITS = -3;
    /** The client has sent close_notify (RFC 8446 section 6.1). */
    int CLOSED = -4;

    /** No client certificate is asked for. */
    int VERIFY_NONE = 0;
    /** A client certificate is asked for. */
    int VERIFY_WANT = 1;
    /** A client certificate is asked for, and a client without one is refused. */
    int VERIFY_NEED = 3;

    /**
     * @return family, version as far as the library tells it, and file, for messages
     */
    String description();

    /**
     * @return what tells the formats of session states apart: the same for two libraries only where one reads the states of the other
     */
    String stateFormat();

    /**
     * @return whether the library seals tickets by itself, with keys that it asks for, and does not give states of tickets away. Such a
     * library waits for no answer but that of {@link SslCallbacks#clientHello}: a step in which another may block runs in a delegated task
     */
    boolean sealsTickets();

    /**
     * @return whether the library signs with keys that it has not got, by {@link SslCallbacks#sign}
     */
    boolean asksForSignatures();

    /**
     * @return the cipher suites of TLS 1.2 that can be chosen, in the order of the library's preference
     */
    List<CipherSuite> cipherSuites();

    /**
     * @param group a name of JSSE, such as {@code x25519}
     * @return the library's name for it, or empty when it has no such group
     */
    Optional<String> group(String group);

    /**
     * @param settings what all connections of the context have in common
     * @return a new context
     * @throws TlsLibraryException when the library refuses one of the settings
     */
    long newContext(ContextOptions settings);

    /**
     * Connections that exist keep the context alive.
     */
    void freeContext(long context);

    /**
     * @param der an X.509 certificate
     * @return a new certificate
     * @throws TlsLibraryException when there is no memory
     */
    long newCertificate(byte[] der);

    /**
     * Connections that show the certificate keep it alive.
     */
    void freeCertificate(long certificate);

    /**
     * @param pkcs8 an unencrypted private key (RFC 5208); the caller overwrites it
     * @return a new private key
     * @throws TlsLibraryException when the library does not know such keys
     */
    long newKey(byte[] pkcs8);

    /**
     * Connections that sign with the key keep it alive.
     */
    void freeKey(long key);

    /**
     * @return a new connection that waits for a ClientHello
     * @throws TlsLibraryException when there is no memory
     */
    long newConnection(long context);

    /**
     * Never to be called during {@link #handshake} of the same connection.
     */
    void freeConnection(long connection);

    /**
     * @param mode one of {@code VERIFY_...}, to be set before the handshake or while the certificate is chosen
     */
    void setVerify(long connection, int mode);

    /**
     * Connections of a context show this certificate when they are given no other.
     *
     * @param context one without connections
     * @param chain certificates, the server's own first
     * @param key their key
     * @throws TlsLibraryException when they do not fit
     */
    void setDefaultCertificate(long context, long[] chain, long key);

    /**
     * To be called while the certificate is chosen: in place of the context's.
     *
     * @param chain certificates, the server's own first
     * @param key its key, or 0 for one that signs by {@link SslCallbacks#sign}, where it {@linkplain #asksForSignatures does so}
     * @throws TlsLibraryException when the library refuses them
     */
    void setCertificate(long connection, long[] chain, long key);

    /**
     * To be called while the certificate is chosen.
     *
     * @param id up to 32 bytes that must be the same when a session is resumed
     */
    void setSessionIdContext(long connection, byte[] id);

    /**
     * To be called while the certificate is chosen: from then on the connection neither issues nor takes tickets. Of a library that seals
     * by itself it issues none in TLS 1.3; whether one is taken, or issued in TLS 1.2, is what {@link SslCallbacks.Taking} says.
     */
    void setNoTickets(long connection);

    /**
     * @param address where bytes of the client are
     * @param length how many
     */
    void feed(long connection, long address, int length);

    /**
     * @return how many bytes wait to be sent
     */
    int pending(long connection);

    /**
     * @param address where to write bytes to send
     * @param length how many there may be, not more than {@link #pending}
     */
    void drain(long connection, long address, int length);

    /**
     * Gives back the memory that the largest of what was fed and drained has taken. Does nothing while bytes wait, in either direction.
     */
    void trim(long connection);

    /**
     * Goes on with the handshake as far as it goes.
     *
     * @param callbacks is called during this method alone, by this thread
     * @return {@link #DONE}, {@link #FAILED}, {@link #WANTS_INPUT} or {@link #WAITS}
     */
    int handshake(long connection, SslCallbacks callbacks);

    /**
     * @param address where to write what the client has sent
     * @param length how much there is room for
     * @return how many bytes were written; or {@link #FAILED}, {@link #WANTS_INPUT} or {@link #CLOSED}
     */
    int read(long connection, long address, int length);

    /**
     * @param address where the bytes are
     * @param length how many, up to 16 384; with 0, what the library has held back is given out
     * @return the length, or {@link #FAILED}
     */
    int write(long connection, long address, int length);

    /**
     * Adds a close_notify to what is to be sent; nothing is to be written behind it.
     */
    void shutdown(long connection);

    /**
     * Adds a fatal alert to what is to be sent, during a handshake.
     *
     * @param alert its number (RFC 8446 section 6); a library that cannot send any sends another
     */
    void abort(long connection, int alert);

    /**
     * @return the negotiated version as on the wire, such as 0x0304
     */
    int version(long connection);

    /**
     * @return the standard name of the negotiated cipher suite, or of the chosen one while the handshake goes on; empty before
     */
    Optional<String> cipherSuite(long connection);

    /**
     * @return whether a session was resumed
     */
    boolean isResumed(long connection);

    /**
     * @return the id of the connection's session, up to 32 bytes; in TLS 1.3 and with tickets nobody else knows it
     */
    byte[] sessionId(long connection);

    /**
     * @return the client's certificates, its own first; empty without
     */
    List<byte[]> peerCertificates(long connection);

    /**
     * @param context a context of the library that wrote the state
     * @param state what {@link SslCallbacks#seal} or {@link SslCallbacks#newSession} was given
     * @return the client's certificates in it, its own first; empty without
     * @throws TlsLibraryException when it cannot be read
     */
    List<byte[]> peerCertificates(long context, byte[] state);

    /**
     * @param context a context of the library that wrote the state
     * @param state what {@link SslCallbacks#seal} or {@link SslCallbacks#newSession} was given
     * @return the secret in it, to be destroyed by the caller
     * @throws TlsLibraryException when it cannot be read
     */
    SessionSecret secret(long context, byte[] state);

    /**
     * @return what the last call of this thread that failed has left, and nothing for the next
     */
    String errors();
}
