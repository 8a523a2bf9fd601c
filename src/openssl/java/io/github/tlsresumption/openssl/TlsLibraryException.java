package io.github.tlsresumption.openssl;

/**
 * A native TLS library cannot be used, or has refused a setting. The message names the library and the reason.
 */
final class TlsLibraryException extends RuntimeException
{
    private static final long serialVersionUID = 1L;

    /**
     * @param message what happened, with the library's own words
     */
    TlsLibraryException(String message)
    {
        super(message);
    }

    /**
     * @param message what happened, with the library's own words
     * @param cause the reason
     */
    TlsLibraryException(String message, Throwable cause)
    {
        super(message, cause);
    }
}
