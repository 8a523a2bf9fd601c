package io.github.tlsresumption.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A session as OpenSSL keeps it in a file: a DER sequence, of which some fields can be changed. A client that reads it back offers
 * the changed ticket with everything else right, the binder of TLS 1.3 included.
 *
 * @param fields the elements of the sequence
 */
record SessionFile(List<Field> fields)
{
    private static final String LABEL = "SSL SESSION PARAMETERS-----\n";
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 4;
    private static final int INTEGER = 2;
    private static final int TIME = 0xA1;
    private static final int TIMEOUT = 0xA2;
    private static final int LIFETIME_HINT = 0xA9;
    private static final int TICKET = 0xAA;
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    /**
     * An element of the sequence.
     *
     * @param tag its tag
     * @param content its content
     */
    record Field(int tag, byte[] content)
    {
    }

    static SessionFile read(Path file)
    {
        try
        {
            String text = Files.readString(file);
            int begin = text.indexOf(LABEL) + LABEL.length();
            byte[] der = Base64.getMimeDecoder().decode(text.substring(begin, text.indexOf("-----END")));
            return new SessionFile(fields(fields(der).get(0).content()));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    void write(Path file)
    {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        fields.forEach(field -> all.writeBytes(der(field.tag(), field.content())));
        try
        {
            Files.writeString(file, "-----BEGIN " + LABEL + LINES.encodeToString(der(SEQUENCE, all.toByteArray())) + "\n-----END " + LABEL);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    boolean hasTicket()
    {
        return fields.stream().anyMatch(field -> field.tag() == TICKET);
    }

    byte[] ticket()
    {
        return fields.stream().filter(field -> field.tag() == TICKET).findFirst()
            .map(field -> fields(field.content()).get(0).content())
            .orElseThrow(() -> new AssertionError("no ticket"));
    }

    /**
     * @return this session with another ticket
     */
    SessionFile ticket(byte[] changed)
    {
        return with(TICKET, der(OCTET_STRING, changed));
    }

    /**
     * @param now from when on the client takes it for fresh
     * @param seconds for how long the client takes it for good
     * @return this session with another time
     */
    SessionFile fresh(Instant now, long seconds)
    {
        byte[] lasting = der(INTEGER, BigInteger.valueOf(seconds).toByteArray());
        return with(TIME, der(INTEGER, BigInteger.valueOf(now.getEpochSecond()).toByteArray()))
            .with(TIMEOUT, lasting)
            .with(LIFETIME_HINT, lasting);
    }

    private SessionFile with(int tag, byte[] content)
    {
        return new SessionFile(fields.stream().map(field -> field.tag() == tag ? new Field(tag, content) : field).toList());
    }

    private static List<Field> fields(byte[] der)
    {
        List<Field> fields = new ArrayList<>();
        for (int at = 0; at < der.length;)
        {
            int tag = der[at++] & 0xFF;
            int length = der[at++] & 0xFF;
            if (length > 0x80)
            {
                int bytes = length - 0x80;
                length = new BigInteger(1, der, at, bytes).intValueExact();
                at += bytes;
            }
            byte[] content = new byte[length];
            System.arraycopy(der, at, content, 0, length);
            fields.add(new Field(tag, content));
            at += length;
        }
        return fields;
    }

    private static byte[] der(int tag, byte[] content)
    {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80)
        {
            out.write(content.length);
        }
        else
        {
            byte[] length = BigInteger.valueOf(content.length).toByteArray();
            int from = length[0] == 0 ? 1 : 0;
            out.write(0x80 + length.length - from);
            out.write(length, from, length.length - from);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
