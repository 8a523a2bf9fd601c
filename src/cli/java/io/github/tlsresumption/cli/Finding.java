package io.github.tlsresumption.cli;

import java.util.Locale;

import io.github.tlsresumption.json.JsonObject;

/**
 * Something to say about a server.
 *
 * @param level how bad it is
 * @param where the nodes and the version of TLS
 * @param what is the case
 * @param advice what to do
 */
record Finding(Level level, String where, String what, String advice)
{
    /**
     * How bad.
     */
    enum Level
    {
        PROBLEM, WARNING, NOTE
    }

    /**
     * @return the same, to be said once for many places
     */
    Finding anywhere()
    {
        return new Finding(level, "", what, advice);
    }

    JsonObject json()
    {
        return new JsonObject().with("level", level.name().toLowerCase(Locale.ROOT)).with("where", where).with("what", what)
            .with("advice", advice);
    }
}
