package io.github.tlsresumption.cli;

import java.util.Locale;
import java.util.Optional;

import io.github.tlsresumption.json.JsonObject;

/**
 * Something to say about a server.
 *
 * @param level how bad it is
 * @param place where it is so
 * @param what is the case
 * @param advice what to do
 */
record Finding(Level level, Place place, String what, String advice)
{
    /**
     * How bad.
     */
    enum Level
    {
        /** Clients or their sessions are hurt. */
        PROBLEM,
        /** It may hurt. */
        WARNING,
        /** Good to know. */
        NOTE
    }

    /**
     * Where something was seen.
     *
     * @param node a node, or the way from one to another
     * @param variant the client; none when it holds for all
     */
    record Place(String node, Optional<Variant> variant)
    {
        private static final String WAY = " to ";

        static Place between(Crossing crossing)
        {
            return new Place(crossing.from() + WAY + crossing.to(), Optional.of(crossing.variant()));
        }

        /**
         * @param name of a node
         * @return whether it is here, or is where a way begins or ends
         */
        boolean concerns(String name)
        {
            return node.equals(name) || node.startsWith(name + WAY) || node.endsWith(WAY + name);
        }

        @Override
        public String toString()
        {
            return node + variant.map(client -> ", " + client).orElse("");
        }
    }

    /**
     * @param other another finding
     * @return whether it says the same, be it of another place
     */
    boolean isLike(Finding other)
    {
        return level == other.level && what.equals(other.what) && advice.equals(other.advice);
    }

    JsonObject json()
    {
        return new JsonObject().with("level", level.name().toLowerCase(Locale.ROOT)).with("where", place.toString()).with("what", what)
            .with("advice", advice);
    }
}
