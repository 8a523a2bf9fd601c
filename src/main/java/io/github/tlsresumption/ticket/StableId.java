package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.util.HexFormat;

import io.github.tlsresumption.crypto.Random;

/**
 * The name of a session, drawn at its full handshake and kept over all its resumptions. Not secret. Immutable.
 *
 * <p>The id that TLS gives a session will not do: it changes at resumptions, and in TLS 1.2 the client may choose it.
 */
public final class StableId
{
    /**
     * Length of an id.
     */
    public static final int BYTES = 32;

    // An array would take a third more of the heap, and there are as many as live sessions.
    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    private StableId(ByteBuffer bytes)
    {
        this.first = bytes.getLong();
        this.second = bytes.getLong();
        this.third = bytes.getLong();
        this.fourth = bytes.getLong();
    }

    /**
     * @return a new id that no other session has
     */
    public static StableId random()
    {
        return new StableId(ByteBuffer.wrap(Random.bytes(BYTES)));
    }

    /**
     * @param bytes exactly {@link #BYTES} bytes of an existing id
     * @return that id
     * @throws IllegalArgumentException when the length is another
     */
    public static StableId of(byte[] bytes)
    {
        if (bytes.length != BYTES)
        {
            throw new IllegalArgumentException("a stable id has " + BYTES + " bytes, not " + bytes.length);
        }
        return new StableId(ByteBuffer.wrap(bytes));
    }

    /**
     * @param text 64 hexadecimal digits
     * @return that id
     * @throws IllegalArgumentException when the text is anything else
     */
    public static StableId parse(String text)
    {
        if (text.length() != 2 * BYTES)
        {
            throw new IllegalArgumentException("no session id '" + text + "': use its " + 2 * BYTES + " hexadecimal digits");
        }
        try
        {
            return of(HexFormat.of().parseHex(text));
        }
        catch (IllegalArgumentException e)
        {
            throw new IllegalArgumentException("no session id '" + text + "': use its " + 2 * BYTES + " hexadecimal digits", e);
        }
    }

    /**
     * @return its {@link #BYTES} bytes
     */
    public byte[] bytes()
    {
        return ByteBuffer.allocate(BYTES).putLong(first).putLong(second).putLong(third).putLong(fourth).array();
    }

    /**
     * @return the first 64 bits, which are enough to tell it from the ids of other live sessions
     */
    public long number()
    {
        return first;
    }

    @Override
    public boolean equals(Object other)
    {
        return other instanceof StableId that && first == that.first && second == that.second && third == that.third
            && fourth == that.fourth;
    }

    @Override
    public int hashCode()
    {
        // The bytes are random, any of them are a good hash.
        return (int)first;
    }

    /**
     * @return 64 lower-case hexadecimal digits
     */
    @Override
    public String toString()
    {
        return HexFormat.of().formatHex(bytes());
    }
}
