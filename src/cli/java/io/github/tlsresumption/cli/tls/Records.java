package io.github.tlsresumption.cli.tls;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;

import io.github.tlsresumption.cli.tls.TlsFailure.Kind;

/**
 * Records, and the handshake messages in them (RFC 8446 section 5).
 */
final class Records
{
    static final int CHANGE_CIPHER_SPEC = 20;
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;
    static final int APPLICATION_DATA = 23;

    private static final int MAX_FRAGMENT = (1 << 14) + 2048;
    private static final int MAX_MESSAGE = 1 << 20;
    private static final int MESSAGE_HEADER_BYTES = 4;
    private static final int CLOSE_NOTIFY = 0;
    private static final int USER_CANCELED = 90;
    private static final int FATAL = 2;

    private final DataInputStream in;
    private final OutputStream out;
    private Protection reading;
    private Protection writing;
    private byte[] pending = {};
    private boolean skipsChangeCipherSpec;

    Records(InputStream in, OutputStream out)
    {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /**
     * A whole handshake message, or the content of a record of another type.
     *
     * @param record the content type of its record
     * @param type of a handshake message, else -1
     * @param raw with header
     */
    record Message(int record, int type, byte[] raw)
    {
        ByteBuffer body()
        {
            return ByteBuffer.wrap(raw).position(MESSAGE_HEADER_BYTES).slice();
        }

        boolean is(int handshakeType)
        {
            return record == HANDSHAKE && type == handshakeType;
        }
    }

    void protectReading(Protection protection) throws TlsFailure
    {
        if (pending.length > 0)
        {
            throw TlsFailure.protocol("a message of the server crosses a change of keys");
        }
        reading = protection;
    }

    void protectWriting(Protection protection)
    {
        writing = protection;
    }

    /**
     * In TLS 1.3 they mean nothing.
     */
    void skipChangeCipherSpec()
    {
        skipsChangeCipherSpec = true;
    }

    void write(int type, byte[] content) throws IOException, GeneralSecurityException
    {
        Protection.Fragment fragment = writing == null || type == CHANGE_CIPHER_SPEC && skipsChangeCipherSpec
            ? new Protection.Fragment(type, content) : writing.seal(type, content);
        out.write(new Wire.Writer().number(1, fragment.type()).number(2, Protocol.TLS_1_2.id()).vector(2, fragment.content()).bytes());
        out.flush();
    }

    /**
     * @return the next message; null when the server has said goodbye
     */
    Message read() throws IOException, GeneralSecurityException
    {
        while (true)
        {
            Message whole = wholeMessage();
            if (whole != null)
            {
                return whole;
            }
            Protection.Fragment record = record();
            byte[] content = record.content();
            switch (record.type())
            {
                case HANDSHAKE -> pending = Wire.join(pending, content);
                case ALERT ->
                {
                    if (content.length != 2)
                    {
                        throw TlsFailure.protocol("a malformed alert");
                    }
                    if (content[1] == CLOSE_NOTIFY)
                    {
                        return null;
                    }
                    // RFC 8446 section 6: the level means nothing in TLS 1.3, but for the one that says goodbye early.
                    if (content[0] == FATAL || skipsChangeCipherSpec && content[1] != USER_CANCELED)
                    {
                        throw TlsFailure.alert(content[1] & 0xFF);
                    }
                }
                case CHANGE_CIPHER_SPEC ->
                {
                    if (!skipsChangeCipherSpec)
                    {
                        return new Message(CHANGE_CIPHER_SPEC, -1, content);
                    }
                }
                case APPLICATION_DATA ->
                {
                    return new Message(APPLICATION_DATA, -1, content);
                }
                default -> throw TlsFailure.protocol("what the server sends is not TLS");
            }
        }
    }

    private Message wholeMessage() throws TlsFailure
    {
        if (pending.length < MESSAGE_HEADER_BYTES)
        {
            return null;
        }
        int header = ByteBuffer.wrap(pending).getInt();
        int length = MESSAGE_HEADER_BYTES + (header & 0xFFFFFF);
        if (length > MAX_MESSAGE)
        {
            throw TlsFailure.protocol("a handshake message of " + length + " bytes");
        }
        if (pending.length < length)
        {
            return null;
        }
        byte[] raw = Arrays.copyOf(pending, length);
        pending = Arrays.copyOfRange(pending, length, pending.length);
        return new Message(HANDSHAKE, header >>> 24, raw);
    }

    private Protection.Fragment record() throws IOException, GeneralSecurityException
    {
        try
        {
            int type = in.readUnsignedByte();
            int version = in.readUnsignedShort();
            int length = in.readUnsignedShort();
            if (version >>> 8 != 3 || length > MAX_FRAGMENT)
            {
                throw TlsFailure.protocol("what the server sends is not TLS");
            }
            byte[] fragment = new byte[length];
            in.readFully(fragment);
            boolean clear = reading == null || type == CHANGE_CIPHER_SPEC && skipsChangeCipherSpec;
            return clear ? new Protection.Fragment(type, fragment) : reading.open(type, fragment);
        }
        catch (EOFException e)
        {
            throw new TlsFailure(Kind.CLOSED, "the server closed the connection", e);
        }
        catch (SocketTimeoutException e)
        {
            throw new TlsFailure(Kind.TIMEOUT, "the server did not answer in time", e);
        }
    }

    void sayGoodbye()
    {
        try
        {
            write(ALERT, new byte[]{1, CLOSE_NOTIFY});
        }
        catch (IOException | GeneralSecurityException e)
        {
            // The server has closed first: nobody is left to be told.
            return;
        }
    }
}
