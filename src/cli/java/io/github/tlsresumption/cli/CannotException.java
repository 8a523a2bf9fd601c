package io.github.tlsresumption.cli;

/**
 * What was asked for could not be done; the message says why and what to do, and holds no secret.
 */
class CannotException extends RuntimeException
{
    private static final long serialVersionUID = 1L;

    CannotException(String message)
    {
        super(message);
    }

    CannotException(String message, Throwable cause)
    {
        super(message, cause);
    }
}
