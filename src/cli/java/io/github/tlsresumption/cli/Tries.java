package io.github.tlsresumption.cli;

import io.github.tlsresumption.json.JsonObject;

/**
 * How often a session was offered, and how often it was resumed.
 *
 * @param made how many sessions, each of a full handshake of its own
 * @param resumed how many of them were resumed
 * @param first whether the first was
 */
record Tries(int made, int resumed, boolean first)
{
    boolean resumes()
    {
        return resumed > 0;
    }

    /**
     * @return whether the first alone was not resumed, as of a server that has just started
     */
    boolean isCold()
    {
        return resumes() && !first && resumed == made - 1;
    }

    /**
     * @return whether it is a matter of luck
     */
    boolean isUnsteady()
    {
        return resumes() && !first && resumed < made - 1;
    }

    JsonObject json()
    {
        return new JsonObject().with("made", made).with("resumed", resumed);
    }
}
