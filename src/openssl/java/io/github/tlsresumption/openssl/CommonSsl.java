package io.github.tlsresumption.openssl;

import java.util.Map;
import java.util.Optional;

/**
 * What all families do in the same way: connections with two memory BIOs, and the steps of a connection. Thread-safe as {@link LibSsl}
 * says.
 */
abstract class CommonSsl implements LibSsl
{
    private static final int SSL_ERROR_NONE = 0;
    private static final int SSL_ERROR_WANT_READ = 2;
    private static final int SSL_ERROR_ZERO_RETURN = 6;

    private static final Map<String, String> GROUPS = Map.of("x25519", "X25519", "secp256r1", "P-256", "secp384r1", "P-384",
        "secp521r1", "P-521", "X25519MLKEM768", "X25519MLKEM768");

    private final CommonFunctions f;
    private final ErrorQueue errors;
    private final CurrentCallbacks current;

    /**
     * @param f the library's functions
     * @param errors what the library says
     * @param current whom its upcalls ask
     */
    CommonSsl(CommonFunctions f, ErrorQueue errors, CurrentCallbacks current)
    {
        this.f = f;
        this.errors = errors;
        this.current = current;
    }

    /**
     * @param error what {@code SSL_get_error} says
     * @return whether a callback of this family has put its answer off
     */
    abstract boolean waits(int error);

    /**
     * @param name the library's name of a group
     * @return whether the library has it
     */
    abstract boolean hasGroup(String name);

    @Override
    public final Optional<String> group(String group)
    {
        return Optional.ofNullable(GROUPS.get(group)).filter(this::hasGroup);
    }

    @Override
    public final void freeContext(long context)
    {
        f.ctxFree.call(context);
    }

    @Override
    public final void freeKey(long key)
    {
        f.keyFree.call(key);
    }

    @Override
    public long newConnection(long context)
    {
        f.clearErrors.call();
        long connection = errors.created(f.sslNew.call(context), "SSL_new");
        if (!setBuffers(connection))
        {
            f.sslFree.call(connection);
            throw new TlsLibraryException("BIO_new: " + errors.take());
        }
        f.sslSetAcceptState.call(connection);
        return connection;
    }

    /**
     * @return whether the connection has new ones, in place of those that it had
     */
    private boolean setBuffers(long connection)
    {
        long in = f.bioNew.call(f.bioMemory.call());
        long out = f.bioNew.call(f.bioMemory.call());
        if (in == 0 || out == 0)
        {
            f.bioFree.call(in);
            f.bioFree.call(out);
            return false;
        }
        f.sslSetBio.call(connection, in, out);
        return true;
    }

    @Override
    public final void freeConnection(long connection)
    {
        f.sslFree.call(connection);
    }

    @Override
    public final void feed(long connection, long address, int length)
    {
        if (f.bioWrite.call(f.sslGetRbio.call(connection), address, length) != length)
        {
            throw new TlsLibraryException("BIO_write: " + errors.take());
        }
    }

    @Override
    public final int pending(long connection)
    {
        return Math.toIntExact(f.bioPending.call(f.sslGetWbio.call(connection)));
    }

    @Override
    public final void drain(long connection, long address, int length)
    {
        if (f.bioRead.call(f.sslGetWbio.call(connection), address, length) != length)
        {
            throw new TlsLibraryException("BIO_read: " + errors.take());
        }
    }

    /**
     * A memory BIO keeps room for the most that it has held.
     */
    @Override
    public final void trim(long connection)
    {
        if (pending(connection) == 0 && f.bioPending.call(f.sslGetRbio.call(connection)) == 0 && !setBuffers(connection))
        {
            f.clearErrors.call();
        }
    }

    @Override
    public int handshake(long connection, SslCallbacks callbacks)
    {
        f.clearErrors.call();
        SslCallbacks outer = current.enter(callbacks);
        try
        {
            return result(connection, (int)f.sslDoHandshake.call(connection));
        }
        finally
        {
            current.leave(outer);
        }
    }

    @Override
    public final int read(long connection, long address, int length)
    {
        f.clearErrors.call();
        return result(connection, (int)f.sslRead.call(connection, address, length));
    }

    @Override
    public int write(long connection, long address, int length)
    {
        f.clearErrors.call();
        int written = (int)f.sslWrite.call(connection, address, length);
        return written == length ? length : FAILED;
    }

    @Override
    public final void shutdown(long connection)
    {
        f.clearErrors.call();
        f.sslShutdown.call(connection);
        f.clearErrors.call();
    }

    private int result(long connection, int result)
    {
        int error = (int)f.sslGetError.call(connection, result);
        return switch (error)
        {
            case SSL_ERROR_NONE -> result;
            case SSL_ERROR_WANT_READ -> WANTS_INPUT;
            case SSL_ERROR_ZERO_RETURN -> CLOSED;
            default -> waits(error) ? WAITS : FAILED;
        };
    }

    @Override
    public final int version(long connection)
    {
        return (int)f.sslVersion.call(connection);
    }

    @Override
    public final Optional<String> cipherSuite(long connection)
    {
        long cipher = f.sslGetPendingCipher.call(connection);
        if (cipher == 0)
        {
            cipher = f.sslGetCurrentCipher.call(connection);
        }
        return cipher == 0 ? Optional.empty() : Optional.of(ErrorQueue.text(f.cipherStandardName.call(cipher)));
    }

    @Override
    public final boolean isResumed(long connection)
    {
        return f.sslSessionReused.call(connection) == 1;
    }

    @Override
    public final String errors()
    {
        return errors.take();
    }
}
