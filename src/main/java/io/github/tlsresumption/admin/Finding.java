package io.github.tlsresumption.admin;

/**
 * What an operator should know of a connector.
 *
 * @param level how bad it is
 * @param text what it is, in a sentence
 */
record Finding(Level level, String text)
{
    /**
     * From the worst on.
     */
    enum Level
    {
        /** Sessions are not resumed, or connections are lost. */
        BAD,
        /** Fewer sessions are resumed than could be. */
        WARNING,
        /** It is as it was set. */
        NOTE
    }
}
