package io.github.tlsresumption.openssl;

import java.util.function.Supplier;

/**
 * The answer to a ticket, or to a session id, that a client offers.
 */
sealed interface Opening
{
    /**
     * The session may be resumed.
     *
     * @param state its state, exactly as it was sealed or kept; not to be changed
     */
    record Opened(byte[] state) implements Opening
    {
        /**
         * @return nothing of the state, which holds a secret
         */
        @Override
        public String toString()
        {
            return "Opened[%d bytes]".formatted(state.length);
        }
    }

    /**
     * A full handshake follows.
     */
    record Refused() implements Opening
    {
    }

    /**
     * The answer takes time: it is asked for in a delegated task.
     *
     * @param answer gives the answer, which is not deferred again; if it throws, it is a refusal
     */
    record Deferred(Supplier<Opening> answer) implements Opening
    {
    }

    /** The one refusal. */
    Opening REFUSED = new Refused();

    /**
     * @param state the state of the session
     * @return that it may be resumed
     */
    static Opening opened(byte[] state)
    {
        return new Opened(state);
    }
}
