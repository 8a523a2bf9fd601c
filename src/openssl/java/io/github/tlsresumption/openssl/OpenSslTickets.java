package io.github.tlsresumption.openssl;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.Optional;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.engine.KeyTickets;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * What OpenSSL calls about tickets: for a new one what it carries and its keys; for one that a client offers its keys, and whether to take
 * it.
 */
final class OpenSslTickets extends Upcalls
{
    private static final int GENERATED = 1;
    private static final int TICKET_DECRYPTED = 5;
    private static final int TICKET_DECRYPTED_RENEW = 6;
    private static final int IGNORE = 1;
    private static final int IGNORE_RENEW = 2;
    private static final int USE = 3;
    private static final int USE_RENEW = 4;
    private static final int KEYS_SET = 1;
    /** For a ticket that is sealed, an empty one is sent in its place; TLS 1.3 has no such. */
    private static final int NO_KEYS = 0;
    private static final int KEYS_FAILED = -1;
    private static final int SEALING = 1;

    private final OpenSslSessions sessions;
    private final OpenSslFunctions f;
    private final OpenSslTicketCipher cipher;
    /** Of the session whose ticket is made in this thread, between the call for its data and that for its keys. */
    private final ThreadLocal<byte[]> secrets = new ThreadLocal<>();
    private final long generateStub;
    private final long decryptedStub;
    private final long keyStub;

    /**
     * @param sessions reads and writes sessions
     * @param f the library's functions
     * @param errors the library's queue of errors
     * @param current whom it asks
     */
    OpenSslTickets(OpenSslSessions sessions, OpenSslFunctions f, ErrorQueue errors, CurrentCallbacks current)
    {
        super(MethodHandles.lookup(), current);
        this.sessions = sessions;
        this.f = f;
        cipher = new OpenSslTicketCipher(f, errors);
        generateStub = stub("generate", INT, POINTER, POINTER);
        decryptedStub = stub("decrypted", INT, POINTER, POINTER, POINTER, POINTER, INT, POINTER);
        keyStub = stub("key", INT, POINTER, POINTER, POINTER, POINTER, POINTER, INT);
    }

    void install(long context)
    {
        f.setTicketCallbacks.call(context, generateStub, decryptedStub, 0);
        f.setTicketKey.call(context, keyStub);
    }

    /**
     * The library writes the session's state next, then asks for the keys to seal it with. In between the session has another secret than
     * its own, which rides in the data.
     */
    private int generate(long connection, long argument)
    {
        SessionSecret secret = null;
        try
        {
            long session = f.sslGetSession.call(connection);
            secret = sessions.secret(session);
            byte[] real = secret.secret().clone();
            sessions.secret(session, Random.bytes(real.length));
            secrets.set(real);
            byte[] data = current().ticketData(secret);
            sessions.data(session, data);
            Arrays.fill(data, (byte)0);
            if (f.sslVersion.call(connection) == Supported.TLS13)
            {
                // Each of its tickets begins anew, and says for how long it is good.
                current().ticketSeconds().ifPresent(seconds -> f.sessionSetSeconds.call(session, seconds));
            }
        }
        catch (Throwable e)
        {
            // A ticket without data is none of ours. To answer 0 would end the connection.
            thrown(e);
        }
        finally
        {
            if (secret != null)
            {
                secret.destroy();
            }
        }
        return GENERATED;
    }

    /**
     * The state is written: the session gets its secret back.
     */
    private void written(long connection)
    {
        byte[] real = secrets.get();
        if (real == null)
        {
            return;
        }
        secrets.remove();
        long session = f.sslGetSession.call(connection);
        sessions.secret(session, real);
        Arrays.fill(real, (byte)0);
        sessions.takeData(session);
    }

    private int key(long connection, long name, long iv, long cipherContext, long macContext, int sealing)
    {
        try
        {
            if (sealing == SEALING)
            {
                written(connection);
                return seal(name, iv, cipherContext, macContext);
            }
            return open(name, iv, cipherContext, macContext);
        }
        catch (Throwable e)
        {
            thrown(e);
            return sealing == SEALING ? KEYS_FAILED : NO_KEYS;
        }
    }

    private int seal(long name, long iv, long cipherContext, long macContext)
    {
        Optional<KeyTickets.Secrets> secrets = current().newTicketSecrets();
        if (secrets.isEmpty())
        {
            return NO_KEYS;
        }
        Memory.put(name, secrets.get().name());
        Memory.put(iv, secrets.get().iv());
        cipher.encrypt(cipherContext, macContext, secrets.get());
        return KEYS_SET;
    }

    private int open(long name, long iv, long cipherContext, long macContext)
    {
        Optional<KeyTickets.Secrets> secrets =
            current().ticketSecrets(Memory.bytes(name, KeyTickets.NAME_BYTES), Memory.bytes(iv, KeyTickets.IV_BYTES));
        if (secrets.isEmpty())
        {
            return NO_KEYS;
        }
        cipher.decrypt(cipherContext, macContext, secrets.get());
        return KEYS_SET;
    }

    /**
     * @param session none where the ticket is empty, or could not be decrypted
     */
    private int decrypted(long connection, long session, long name, long nameLength, int status, long argument)
    {
        try
        {
            boolean readable = session != 0 && (status == TICKET_DECRYPTED || status == TICKET_DECRYPTED_RENEW);
            SslCallbacks.Taking taking = readable
                ? current().takeTicket(sessions.takeData(session), secret -> sessions.secret(session, secret))
                : current().unreadableTicket(Memory.bytes(name, nameLength));
            return switch (taking)
            {
                case RESUME -> USE;
                case RESUME_AND_RENEW -> USE_RENEW;
                case REFUSE -> IGNORE;
                case REFUSE_AND_RENEW -> IGNORE_RENEW;
            };
        }
        catch (Throwable e)
        {
            thrown(e);
            return IGNORE_RENEW;
        }
    }
}
