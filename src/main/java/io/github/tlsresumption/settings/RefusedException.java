package io.github.tlsresumption.settings;

/**
 * A setting that does not exist, or one with a value that it does not take. The message is that of the {@link Refusal}.
 */
public final class RefusedException extends IllegalArgumentException
{
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    /**
     * @param refusal why
     */
    public RefusedException(Refusal refusal)
    {
        super(refusal.message());
        this.refusal = refusal;
    }

    /**
     * @return why
     */
    public Refusal refusal()
    {
        return refusal;
    }
}
