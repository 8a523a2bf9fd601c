package io.github.tlsresumption.jsse;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Reads bytes as TLS writes them, each part behind its length (RFC 8446 section 3.4). Stateless.
 */
final class Wire
{
    private Wire()
    {
    }

    static ByteBuffer slice(ByteBuffer buffer, int length)
    {
        ByteBuffer slice = buffer.slice();
        skip(buffer, length);
        return slice.limit(length);
    }

    static void skip(ByteBuffer buffer, int length)
    {
        if (length > buffer.remaining())
        {
            throw new BufferUnderflowException();
        }
        buffer.position(buffer.position() + length);
    }

    static byte[] bytes(ByteBuffer buffer)
    {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
