package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.util.Arrays;
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

    private final byte[] bytes;

    private StableId(byte[] bytes)
    {
        this.bytes = bytes;
    }

    /**
     * @return a new id that no other session has
     */
    public static StableId random()
    {
        return new StableId(Random.bytes(BYTES));
    }

    /**
     * @param bytes exactly {@link #BYTES} bytes of an existing id, which are copied
     * @return that id
     * @throws IllegalArgumentException when the length is another
     */
    public static StableId of(byte[] bytes)
    {
        if (bytes.length != BYTES)
        {
            throw new IllegalArgumentException("a stable id has " + BYTES + " bytes, not " + bytes.length);
        }
        return new StableId(bytes.clone());
    }

    /**
     * @param text 64 hexadecimal digits
     * @return that id
     * @throws IllegalArgumentException when the text is anything else
     */
    public static StableId parse(String text)
    {
        if (text.length() != 2 * BYTES)
            throw new IllegalArgumentException("no session id '" + text + "': use its " + 2 * BYTES + " hexadecimal digits");
        try
        {
            return new StableId(HexFormat.of().parseHex(text));
        }
        catch (IllegalArgumentException x)
        {
            throw new IllegalArgumentException("no session id '" + text + "': use its " + 2 * BYTES + " hexadecimal digits", x);
        }
    }

    /**
     * @return a copy of the {@link #BYTES} bytes
     */
    public byte[] bytes()
    {
        return bytes.clone();
    }

    /**
     * @return the first 64 bits, which are enough to tell it from the ids of other live sessions
     */
    public long number()
    {
        return ByteBuffer.wrap(bytes).getLong();
    }

    @Override
    public boolean equals(Object other)
    {
        return other instanceof StableId that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode()
    {
        // The bytes are random, any four of them are a good hash.
        return ByteBuffer.wrap(bytes).getInt();
    }

    /**
     * @return 64 lower-case hexadecimal digits
     */
    @Override
    public String toString()
    {
        return HexFormat.of().formatHex(bytes);
    }
}
