package io.github.tlsresumption.openssl;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * Reads states of sessions for one connection, in the library's context that it was made in: that lives as long as the connection does,
 * also when the key store is loaded anew meanwhile. Thread-safe.
 */
final class StateReader
{
    private final LibSsl lib;
    private final NativeHandle context;

    /**
     * @param lib the library
     * @param context the library's; the connection is one of its owners, this is none
     */
    StateReader(LibSsl lib, NativeHandle context)
    {
        this.lib = lib;
        this.context = context;
    }

    /**
     * @param state the state of a session
     * @return the client's certificates in it
     * @throws CertificateException when it cannot be read, or the connection has ended
     */
    List<X509Certificate> peerCertificates(byte[] state) throws CertificateException
    {
        try
        {
            return ClientCertificates.parse(inContext(address -> lib.peerCertificates(address, state)));
        }
        catch (TlsLibraryException e)
        {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    /**
     * @param state the state of a session
     * @return its secret, or empty when it cannot be read, or the connection has ended
     */
    Optional<SessionSecret> secret(byte[] state)
    {
        try
        {
            return Optional.of(inContext(address -> lib.secret(address, state)));
        }
        catch (TlsLibraryException e)
        {
            return Optional.empty();
        }
    }

    private <T> T inContext(LongFunction<T> question)
    {
        if (!context.acquire())
        {
            throw new TlsLibraryException("the connection has ended");
        }
        try
        {
            return question.apply(context.address());
        }
        finally
        {
            context.release();
        }
    }
}
