package io.github.tlsresumption.engine;

import java.time.Instant;

/**
 * A ticket that was opened in a handshake, as a handle: the engine hands back the one whose session it resumes. It is equal to itself
 * alone. Confined to its handshake.
 */
public final class OpenedTicket
{
    private final Instant established;
    private final byte[] state;

    /**
     * @param established when the session's full handshake was
     * @param state what the engine gave to be sealed; not copied
     */
    public OpenedTicket(Instant established, byte[] state)
    {
        this.established = established;
        this.state = state;
    }

    /**
     * @return when the session's full handshake was, to the millisecond
     */
    public Instant established()
    {
        return established;
    }

    /**
     * @return a copy of what the engine gave to be sealed, which is the caller's to overwrite
     */
    public byte[] state()
    {
        return state.clone();
    }

    /**
     * @return nothing of the state, which holds a secret
     */
    @Override
    public String toString()
    {
        return "OpenedTicket[established=%s]".formatted(established);
    }
}
