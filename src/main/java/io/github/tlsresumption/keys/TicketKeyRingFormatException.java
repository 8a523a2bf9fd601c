package io.github.tlsresumption.keys;

/**
 * Bytes that are no ticket key ring, or not one for this codec. The message says why, without any of the bytes.
 */
public final class TicketKeyRingFormatException extends Exception
{
    /**
     * Why the bytes were refused.
     */
    public enum Reason
    {
        /**
         * Cut short or altered, or something else altogether.
         */
        CORRUPT,
        /**
         * Written by a release that this one does not know.
         */
        UNKNOWN_FORMAT,
        /**
         * Whole, but encrypted, and the codec has no passphrase.
         */
        ENCRYPTED,
        /**
         * Whole, but not encrypted, and the codec has a passphrase.
         */
        NOT_ENCRYPTED,
        /**
         * Whole, but encrypted with another passphrase.
         */
        WRONG_PASSPHRASE,
        /**
         * Whole and readable, but with keys that must not be used, for example weak ones.
         */
        UNFIT_KEYS
    }

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    TicketKeyRingFormatException(Reason reason, String message)
    {
        super(message);
        this.reason = reason;
    }

    /**
     * @return why the bytes were refused
     */
    public Reason reason()
    {
        return reason;
    }
}
