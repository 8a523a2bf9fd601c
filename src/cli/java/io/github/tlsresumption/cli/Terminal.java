package io.github.tlsresumption.cli;

import java.io.Console;
import java.io.PrintWriter;

/**
 * Whether somebody looks on, and what may be shown there. Stateless.
 */
final class Terminal
{
    private static final int WIDTH = 79;
    private static final String BLANK_LINE = "\r\033[K";

    private Terminal()
    {
    }

    /**
     * @return whether standard input and output are a terminal
     */
    static boolean isPresent()
    {
        Console console = System.console();
        if (console == null)
        {
            return false;
        }
        try
        {
            // From JDK 22 on there may be a console without a terminal.
            return (Boolean)Console.class.getMethod("isTerminal").invoke(console);
        }
        catch (ReflectiveOperationException e)
        {
            return true;
        }
    }

    /**
     * @param text of a server
     * @return the same without what a terminal would obey
     */
    static String printable(String text)
    {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /**
     * One line that says what is being done, and changes with it.
     */
    static final class Progress
    {
        private final PrintWriter err;
        private final boolean shown;

        /**
         * @param err standard error
         * @param shown whether to show anything at all
         */
        Progress(PrintWriter err, boolean shown)
        {
            this.err = err;
            this.shown = shown;
        }

        void show(String text)
        {
            if (shown)
            {
                err.print(BLANK_LINE + (text.length() > WIDTH ? text.substring(0, WIDTH) : text));
                err.flush();
            }
        }

        void clear()
        {
            show("");
        }
    }
}
