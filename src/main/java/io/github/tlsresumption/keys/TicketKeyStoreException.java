package io.github.tlsresumption.keys;

/**
 * A store did not do what was asked of it. The message names the store and says what to do; it holds no secret.
 */
public final class TicketKeyStoreException extends Exception
{
    /**
     * Whether waiting helps.
     */
    public enum Kind
    {
        /**
         * The store cannot be reached or does not work at present; a later try may succeed. Whether a change
         * that was under way took place is not known.
         */
        UNAVAILABLE,
        /**
         * What is in the store must not be used, or not in this way, until an operator fixes it. Nothing was changed.
         */
        REFUSED
    }

    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /**
     * @param kind whether waiting helps
     * @param message names the store and the fix
     */
    public TicketKeyStoreException(Kind kind, String message)
    {
        this(kind, message, null);
    }

    /**
     * @param kind whether waiting helps
     * @param message names the store and the fix
     * @param cause may be null
     */
    public TicketKeyStoreException(Kind kind, String message, Throwable cause)
    {
        super(message, cause);
        this.kind = kind;
    }

    /**
     * @return whether waiting helps
     */
    public Kind kind()
    {
        return kind;
    }
}
