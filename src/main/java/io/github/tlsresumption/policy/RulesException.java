package io.github.tlsresumption.policy;

/**
 * Rules that cannot be used. The message begins with the source and the line, and says what to do.
 */
public final class RulesException extends IllegalArgumentException
{
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 100;

    private final int line;
    private final String problem;

    RulesException(String source, int line, String message, Throwable cause)
    {
        super(source + (line == 0 ? "" : ":" + line) + ": " + message, cause);
        this.line = line;
        this.problem = message;
    }

    /**
     * @return the message without source and line
     */
    public String problem()
    {
        return problem;
    }

    /**
     * @return the line of the fault, the first being 1; or 0 when it is not in one line, as when the file is missing
     */
    public int line()
    {
        return line;
    }

    /*
     * For messages: what is shown of a value, which may be as long as the file.
     */
    static String quote(String value)
    {
        return "'" + (value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "...") + "'";
    }
}
