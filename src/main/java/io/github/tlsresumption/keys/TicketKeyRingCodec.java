package io.github.tlsresumption.keys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.crypto.PassphraseKey;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.keys.TicketKeyRingFormatException.Reason;

/**
 * A ticket key ring as bytes, the same for every store: three lines of ASCII, each with a line feed at its end.
 *
 * <pre>
 *   jetty-tls-resumption ticket key ring, format 1, plain
 *   base64 of the ring
 *   checksum, in hexadecimal
 *
 *   jetty-tls-resumption ticket key ring, format 1, encrypted with a passphrase, memory 65536 KiB, iterations 3, lanes 1, salt (in hex)
 *   base64 of: nonce 24 | the ring, sealed with XAES-256-GCM
 *   checksum, in hexadecimal
 *
 *   ring:    version 8 | identity key 32 | number of keys 4 | keys | number of dropped ids 4 | dropped
 *   key:     id 8 | created 8 | seals from 8 | seals until 8 | opens until 8 | secret 32
 *   dropped: id 8 | remembered until 8
 * </pre>
 *
 * Numbers are big-endian, times in milliseconds since 1970. The key for the second form is derived from the passphrase
 * with Argon2id; its first line is associated data. The checksum is SHA-256 over the two lines before. It needs no
 * secret: it tells damage from a wrong passphrase, and protects against nobody.
 *
 * <p>Safe for use by many threads, which wait for each other. An encrypting codec derives a key when it meets a salt for
 * the first time, which takes a noticeable part of a second, keeps it until {@link #close}, and writes with the salt
 * that it read last.
 */
public final class TicketKeyRingCodec implements AutoCloseable
{
    /**
     * The most bytes that {@link #decode} reads.
     */
    public static final int MAX_BYTES = 256 * 1024;

    private static final String MAGIC = "jetty-tls-resumption ticket key ring, format ";
    private static final Pattern HEADER = Pattern.compile(Pattern.quote(MAGIC) + "1, (?:plain|encrypted with a passphrase, "
        + "memory (\\d{1,9}) KiB, iterations (\\d{1,9}), lanes (\\d{1,9}), salt ([0-9a-f]{32}))");
    private static final String CHECKSUM_LABEL = "jetty-tls-resumption ticket key ring";

    private final Optional<Supplier<char[]>> passphrase;
    private final Supplier<PassphraseKey.Parameters> cost;
    private PassphraseKey.Parameters parameters;
    private Xaes256Gcm derived;

    private TicketKeyRingCodec(Optional<Supplier<char[]>> passphrase, Supplier<PassphraseKey.Parameters> cost)
    {
        this.passphrase = passphrase;
        this.cost = cost;
    }

    /**
     * @return a codec without encryption
     */
    public static TicketKeyRingCodec plain()
    {
        return new TicketKeyRingCodec(Optional.empty(), PassphraseKey.Parameters::defaults);
    }

    /**
     * @param passphrase gives it when a key must be derived, each time in a new array, which is overwritten afterwards
     * @return a codec that encrypts, and reads nothing that is not encrypted
     */
    public static TicketKeyRingCodec encrypted(Supplier<char[]> passphrase)
    {
        return encrypted(passphrase, PassphraseKey.Parameters::defaults);
    }

    /**
     * @param cost gives what a derivation costs, with a new salt, for a ring that is not the successor of one that was read
     */
    static TicketKeyRingCodec encrypted(Supplier<char[]> passphrase, Supplier<PassphraseKey.Parameters> cost)
    {
        return new TicketKeyRingCodec(Optional.of(passphrase), cost);
    }

    /**
     * @return whether this codec has a passphrase
     */
    public boolean isEncrypted()
    {
        return passphrase.isPresent();
    }

    /**
     * @param ring none of its keys destroyed
     * @return the ring as described above; the caller overwrites the array, which holds secrets when not encrypted
     * @throws IllegalStateException when a key was destroyed
     * @throws RuntimeException what the supplier of the passphrase throws
     */
    public synchronized byte[] encode(TicketKeyRing ring)
    {
        byte[] bytes = RingBytes.of(ring);
        byte[] body = null;
        try
        {
            if (passphrase.isEmpty())
            {
                body = Base64.getEncoder().encode(bytes);
                return document(MAGIC + "1, plain", body);
            }
            if (parameters == null)
            {
                derive(cost.get());
            }
            String header = MAGIC + "1, encrypted with a passphrase, memory " + parameters.memoryKiB() + " KiB, iterations "
                + parameters.iterations() + ", lanes " + parameters.parallelism() + ", salt " + HexFormat.of().formatHex(parameters.salt());
            byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
            byte[] sealed = derived.seal(nonce, bytes, ascii(header));
            body = Base64.getEncoder().encode(ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array());
            return document(header, body);
        }
        finally
        {
            RingBytes.wipe(bytes);
            RingBytes.wipe(body);
        }
    }

    /**
     * @param document what {@link #encode} gave
     * @return a ring with keys of its own, which the caller destroys
     * @throws TicketKeyRingFormatException when the bytes are anything else
     * @throws RuntimeException what the supplier of the passphrase throws
     */
    public synchronized TicketKeyRing decode(byte[] document) throws TicketKeyRingFormatException
    {
        if (document.length > MAX_BYTES)
        {
            throw new TicketKeyRingFormatException(Reason.CORRUPT, "it has " + document.length + " bytes, more than any ticket key ring");
        }
        int first = lineEnd(document, 0);
        String header = new String(document, 0, first, StandardCharsets.US_ASCII);
        Matcher fields = requireHeader(header);
        int second = lineEnd(document, first + 1);
        int third = lineEnd(document, second + 1);
        byte[] body = Arrays.copyOfRange(document, first + 1, second);
        byte[] bytes = null;
        try
        {
            requireChecksum(header, body, new String(document, second + 1, third - second - 1, StandardCharsets.US_ASCII));
            if (third + 1 != document.length)
            {
                throw corrupt("there is something behind its end");
            }
            boolean encrypted = fields.group(1) != null;
            if (encrypted && passphrase.isEmpty())
            {
                throw new TicketKeyRingFormatException(Reason.ENCRYPTED, "it is encrypted and no passphrase is configured");
            }
            if (!encrypted && passphrase.isPresent())
            {
                throw new TicketKeyRingFormatException(Reason.NOT_ENCRYPTED, "it is not encrypted although a passphrase is configured");
            }
            bytes = base64(body);
            if (encrypted)
            {
                byte[] opened = open(header, fields, bytes);
                RingBytes.wipe(bytes);
                bytes = opened;
            }
            return RingBytes.ring(ByteBuffer.wrap(bytes));
        }
        finally
        {
            RingBytes.wipe(body);
            RingBytes.wipe(bytes);
        }
    }

    /**
     * Overwrites the derived key; the codec derives it anew when it is used again.
     */
    @Override
    public synchronized void close()
    {
        if (derived != null)
        {
            derived.destroy();
        }
        derived = null;
        parameters = null;
    }

    private byte[] open(String header, Matcher fields, byte[] sealed) throws TicketKeyRingFormatException
    {
        PassphraseKey.Parameters stated;
        try
        {
            stated = new PassphraseKey.Parameters(Integer.parseInt(fields.group(1)), Integer.parseInt(fields.group(2)),
                Integer.parseInt(fields.group(3)), HexFormat.of().parseHex(fields.group(4)));
        }
        catch (IllegalArgumentException e)
        {
            throw corrupt("its first line cannot be: " + e.getMessage());
        }
        if (sealed.length < Xaes256Gcm.NONCE_BYTES)
        {
            throw corrupt("it is too short");
        }
        if (!stated.equals(parameters))
        {
            derive(stated);
        }
        byte[] nonce = Arrays.copyOf(sealed, Xaes256Gcm.NONCE_BYTES);
        return derived.open(nonce, sealed, nonce.length, sealed.length - nonce.length, ascii(header))
            .orElseThrow(() -> new TicketKeyRingFormatException(Reason.WRONG_PASSPHRASE,
                "it is whole, but the passphrase configured is not the one it was written with"));
    }

    private void derive(PassphraseKey.Parameters wanted)
    {
        char[] words = Objects.requireNonNull(passphrase.orElseThrow().get(), "no passphrase");
        byte[] key = null;
        try
        {
            key = PassphraseKey.derive(words, wanted);
            close();
            derived = new Xaes256Gcm(key);
            parameters = wanted;
        }
        finally
        {
            Arrays.fill(words, '\0');
            RingBytes.wipe(key);
        }
    }

    private static Matcher requireHeader(String header) throws TicketKeyRingFormatException
    {
        if (!header.startsWith(MAGIC))
        {
            throw corrupt("it does not begin with '" + MAGIC.strip() + "'");
        }
        if (!header.startsWith("1, ", MAGIC.length()))
        {
            throw new TicketKeyRingFormatException(Reason.UNKNOWN_FORMAT, "it is of a format other than 1, written by another release");
        }
        Matcher fields = HEADER.matcher(header);
        if (!fields.matches())
        {
            throw corrupt("its first line cannot be");
        }
        return fields;
    }

    private static void requireChecksum(String header, byte[] body, String checksum) throws TicketKeyRingFormatException
    {
        if (!HexFormat.of().formatHex(checksum(header, body)).equals(checksum))
        {
            throw corrupt("its checksum is wrong");
        }
    }

    private static byte[] checksum(String header, byte[] body)
    {
        return Digests.sha256(CHECKSUM_LABEL, ascii(header), body);
    }

    private static byte[] document(String header, byte[] body)
    {
        byte[] checksum = ascii(HexFormat.of().formatHex(checksum(header, body)));
        ByteBuffer document = ByteBuffer.allocate(header.length() + body.length + checksum.length + 3);
        document.put(ascii(header)).put((byte)'\n').put(body).put((byte)'\n').put(checksum).put((byte)'\n');
        return document.array();
    }

    private static byte[] base64(byte[] body) throws TicketKeyRingFormatException
    {
        try
        {
            return Base64.getDecoder().decode(body);
        }
        catch (IllegalArgumentException e)
        {
            throw corrupt("its second line is not base64");
        }
    }

    private static int lineEnd(byte[] document, int start) throws TicketKeyRingFormatException
    {
        for (int i = start; i < document.length; i++)
        {
            if (document[i] == '\n')
            {
                return i;
            }
        }
        throw corrupt(document.length == 0 ? "it is empty" : "it is cut short");
    }

    private static TicketKeyRingFormatException corrupt(String why)
    {
        return new TicketKeyRingFormatException(Reason.CORRUPT, why);
    }

    private static byte[] ascii(String text)
    {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
