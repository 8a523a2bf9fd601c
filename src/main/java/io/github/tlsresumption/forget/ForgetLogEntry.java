package io.github.tlsresumption.forget;

import java.time.Instant;

/**
 * What the processes that share ticket keys tell each other. Entries may come in any order and more than once: the latest
 * {@code before} of a subject counts, and the earliest binding of a session to a principal. Instants are cut to
 * milliseconds; one that milliseconds since 1970 cannot express, in 64 bits, throws {@link ArithmeticException}.
 */
public sealed interface ForgetLogEntry
{
    /**
     * @return up to when a session must have been established for this to matter to it, at the latest
     */
    Instant reach();

    /**
     * Sessions of a subject are forgotten.
     *
     * @param subject of the session: itself, or its client
     * @param before those established at or before this instant
     */
    record Forget(long subject, Instant before) implements ForgetLogEntry
    {
        /**
         * Cuts to milliseconds.
         */
        public Forget
        {
            before = toMillis(before);
        }

        @Override
        public Instant reach()
        {
            return before;
        }
    }

    /**
     * Sessions of a principal are forgotten, those too of which a process has let go who their principal was.
     *
     * @param subject the principal
     * @param before sessions bound to it at or before this instant
     */
    record ForgetPrincipal(long subject, Instant before) implements ForgetLogEntry
    {
        /**
         * Cuts to milliseconds.
         */
        public ForgetPrincipal
        {
            before = toMillis(before);
        }

        @Override
        public Instant reach()
        {
            return before;
        }
    }

    /**
     * All sessions are forgotten.
     *
     * @param before those established at or before this instant
     */
    record ForgetEveryone(Instant before) implements ForgetLogEntry
    {
        /**
         * Whatever the clock says, until the list begins again. Never in a log.
         */
        public static final ForgetEveryone EVER = new ForgetEveryone(Instant.ofEpochMilli(Long.MAX_VALUE));

        /**
         * Cuts to milliseconds.
         */
        public ForgetEveryone
        {
            before = toMillis(before);
        }

        @Override
        public Instant reach()
        {
            return before;
        }
    }

    /**
     * An application has said who the user of a session is.
     *
     * @param session the session's own subject
     * @param established when the session was
     * @param principal who
     * @param at when it was said
     */
    record Bind(long session, Instant established, long principal, Instant at) implements ForgetLogEntry
    {
        /** Takes the place of a session; that of a principal is 0, which stands for none, or a ring's version. */
        private static final long NOBODY = 0x6e6f626f64792121L;

        /**
         * The mark that is kept ahead of the sessions. In a log it is the binding of nobody's session, which a release that does not know
         * of it reads as a binding that matters to no session.
         *
         * @param time no session was established, and no user named, later than this
         * @return the mark
         */
        public static Bind mark(Instant time)
        {
            return new Bind(NOBODY, time, 0, time);
        }

        /**
         * What the log remembers of the ticket key ring, for which it is another place. In a log it is a binding of nobody's session too.
         *
         * @param version of the ring, at least 1
         * @param at when it was seen
         * @return what is remembered
         */
        public static Bind ringVersion(long version, Instant at)
        {
            return new Bind(NOBODY, at, version, at);
        }

        /**
         * @return whether this is a {@link #ringVersion}, which is its principal then
         */
        public boolean isRingVersion()
        {
            return session == NOBODY && principal > 0;
        }

        /**
         * @return whether this is a {@link #mark}
         */
        public boolean isMark()
        {
            return session == NOBODY && principal == 0;
        }

        /**
         * Cuts to milliseconds.
         */
        public Bind
        {
            established = toMillis(established);
            at = toMillis(at);
        }

        @Override
        public Instant reach()
        {
            return established;
        }
    }

    private static Instant toMillis(Instant instant)
    {
        return Instant.ofEpochMilli(instant.toEpochMilli());
    }
}
