package io.github.tlsresumption.cli.report;

/**
 * Why something cannot be told from what was measured.
 *
 * @param why a sentence without its first capital and its full stop
 * @param remedy what to do
 */
record Doubt(String why, Remedy remedy)
{
    /**
     * What an operator can do about it.
     */
    enum Remedy
    {
        /** Noise. */
        MEASURE_AGAIN,
        /** Handshakes that are not what they should be. */
        CHECK,
        /** A clock that does not tell enough. */
        CLOCK;

        String words(boolean quick)
        {
            return switch (this)
            {
                case MEASURE_AGAIN -> quick ? "Run the report again without --quick, on an idle machine."
                    : "Run the report again, on an idle machine with the server's processor and JDK.";
                case CHECK -> "Run the command check against a server with this key store: it shows whether sessions are resumed, and why "
                    + "not.";
                case CLOCK -> "Run the report on a system that measures the processor time of threads in microseconds, such as Linux.";
            };
        }
    }
}
