package io.github.tlsresumption.cli;

import java.util.Locale;

/**
 * How it is with resumption, for one client of one node.
 */
enum Resumption
{
    /** Sessions are resumed. */
    ON,
    /** Sessions are resumed but for the very first. */
    COLD,
    /** Some are and some are not. */
    UNSTEADY,
    /** The server does not offer it. */
    OFF,
    /** The server offers it, or offers it to other clients, and does not resume. */
    BROKEN;

    /**
     * @return the name as JSON has it
     */
    @Override
    public String toString()
    {
        return name().toLowerCase(Locale.ROOT);
    }
}
