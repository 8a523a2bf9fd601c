package io.github.tlsresumption.cli;

/**
 * Exit codes.
 */
final class Exit
{
    /** All is well. */
    static final int WELL = 0;
    /** Something is wrong that was looked for. */
    static final int WRONG = 1;
    /** The command line is not understood. */
    static final int USAGE = 2;
    /** It could not be done: not reached, not allowed, not readable. */
    static final int CANNOT = 3;

    private Exit()
    {
    }
}
