package io.github.tlsresumption.cli.tls;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Numbers and vectors as TLS writes them (RFC 8446 section 3).
 */
final class Wire
{
    private Wire()
    {
    }

    /**
     * Writes.
     */
    static final class Writer
    {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Writer number(int bytes, long value)
        {
            for (int i = bytes - 1; i >= 0; i--)
            {
                out.write((int)(value >>> 8 * i));
            }
            return this;
        }

        Writer raw(byte[] bytes)
        {
            out.writeBytes(bytes);
            return this;
        }

        Writer vector(int lengthBytes, byte[] content)
        {
            return number(lengthBytes, content.length).raw(content);
        }

        Writer vector(int lengthBytes, Consumer<Writer> content)
        {
            Writer inner = new Writer();
            content.accept(inner);
            return vector(lengthBytes, inner.bytes());
        }

        Writer numbers(int lengthBytes, int bytes, List<Integer> values)
        {
            return vector(lengthBytes, inner -> values.forEach(value -> inner.number(bytes, value)));
        }

        byte[] bytes()
        {
            return out.toByteArray();
        }
    }

    /**
     * @return a handshake message with its header
     */
    static byte[] message(int type, byte[] body)
    {
        return new Writer().number(1, type).vector(3, body).bytes();
    }

    static byte[] join(byte[]... parts)
    {
        Writer writer = new Writer();
        for (byte[] part : parts)
        {
            writer.raw(part);
        }
        return writer.bytes();
    }

    static int number(ByteBuffer in, int bytes)
    {
        int value = 0;
        for (int i = 0; i < bytes; i++)
        {
            value = value << 8 | in.get() & 0xFF;
        }
        return value;
    }

    static byte[] raw(ByteBuffer in, int length)
    {
        if (length < 0 || length > in.remaining())
        {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    static byte[] vector(ByteBuffer in, int lengthBytes)
    {
        return raw(in, number(in, lengthBytes));
    }
}
