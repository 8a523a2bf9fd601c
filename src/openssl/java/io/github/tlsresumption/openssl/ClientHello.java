package io.github.tlsresumption.openssl;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A ClientHello (RFC 8446 section 4.1.2) that the library has found to be well-formed; of extensions, what is malformed is left out here
 * and is the library's to refuse. Immutable.
 */
final class ClientHello
{
    private static final int SERVER_NAME = 0;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int EXTENDED_MASTER_SECRET = 23;
    private static final int EARLY_DATA = 42;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int HOST_NAME = 0;
    private static final int RANDOM_BYTES = 32;
    private static final int[] NONE = {};

    private final byte[] body;
    private final int legacyVersion;
    private final byte[] sessionId;
    private final int[] cipherSuites;
    private final Map<Integer, byte[]> extensions;

    private ClientHello(byte[] body, int legacyVersion, byte[] sessionId, int[] cipherSuites, Map<Integer, byte[]> extensions)
    {
        this.body = body;
        this.legacyVersion = legacyVersion;
        this.sessionId = sessionId;
        this.cipherSuites = cipherSuites;
        this.extensions = extensions;
    }

    /**
     * @param body without the header of the message
     * @return what it says
     * @throws IllegalArgumentException when it is malformed
     */
    public static ClientHello parse(byte[] body)
    {
        try
        {
            ByteBuffer in = ByteBuffer.wrap(body);
            int version = number(in, 2);
            take(in, RANDOM_BYTES);
            byte[] sessionId = bytes(take(in, number(in, 1)));
            int[] suites = numbers(take(in, number(in, 2)));
            take(in, number(in, 1));
            Map<Integer, byte[]> extensions = new HashMap<>();
            if (in.hasRemaining())
            {
                ByteBuffer list = take(in, number(in, 2));
                while (list.hasRemaining())
                {
                    int type = number(list, 2);
                    extensions.putIfAbsent(type, bytes(take(list, number(list, 2))));
                }
            }
            return new ClientHello(body, version, sessionId, suites, Map.copyOf(extensions));
        }
        catch (BufferUnderflowException | IndexOutOfBoundsException e)
        {
            throw new IllegalArgumentException("malformed ClientHello", e);
        }
    }

    /**
     * @return the message without its header, not to be changed
     */
    public byte[] body()
    {
        return body;
    }

    /**
     * @return the session id that it offers, or with which it hides that it has none; empty without
     */
    public byte[] sessionId()
    {
        return sessionId.clone();
    }

    /**
     * @return the HostName of the server_name extension (RFC 6066 section 3) as it was sent, or empty without
     */
    public Optional<byte[]> serverName()
    {
        return extension(SERVER_NAME).flatMap(value -> parsed(value, in ->
        {
            ByteBuffer list = take(in, number(in, 2));
            return number(list, 1) == HOST_NAME ? bytes(take(list, number(list, 2))) : null;
        }));
    }

    /**
     * @return the SignatureSchemes that the client takes (RFC 8446 section 4.2.3), the preferred one first; empty when it does not say
     */
    public int[] signatureSchemes()
    {
        return extension(SIGNATURE_ALGORITHMS).flatMap(value -> parsed(value, in -> numbers(take(in, number(in, 2))))).orElse(NONE);
    }

    /**
     * @param version as on the wire, such as 0x0304
     * @return whether the client offers it
     */
    public boolean offers(int version)
    {
        Optional<int[]> versions = extension(SUPPORTED_VERSIONS).flatMap(value -> parsed(value, in -> numbers(take(in, number(in, 1)))));
        return versions.isPresent()
            ? contains(versions.get(), version)
            : version < Supported.TLS13 && legacyVersion >= version;
    }

    private static boolean contains(int[] numbers, int number)
    {
        for (int one : numbers)
        {
            if (one == number)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @param suite the number of a cipher suite
     * @return whether the client offers it
     */
    public boolean offersSuite(int suite)
    {
        return contains(cipherSuites, suite);
    }

    /**
     * @return whether it has the extension extended_master_secret (RFC 7627)
     */
    public boolean extendedMasterSecret()
    {
        return extensions.containsKey(EXTENDED_MASTER_SECRET);
    }

    /**
     * @return whether it announces early data (RFC 8446 section 4.2.10)
     */
    public boolean earlyData()
    {
        return extensions.containsKey(EARLY_DATA);
    }

    /**
     * @param type the number of an extension
     * @return its content, not to be changed; or empty without
     */
    public Optional<byte[]> extension(int type)
    {
        return Optional.ofNullable(extensions.get(type));
    }

    private static <T> Optional<T> parsed(byte[] value, Parser<T> parser)
    {
        try
        {
            return Optional.ofNullable(parser.parse(ByteBuffer.wrap(value)));
        }
        catch (BufferUnderflowException | IndexOutOfBoundsException e)
        {
            return Optional.empty();
        }
    }

    private static int number(ByteBuffer in, int bytes)
    {
        int number = 0;
        for (int i = 0; i < bytes; i++)
        {
            number = number << Byte.SIZE | Byte.toUnsignedInt(in.get());
        }
        return number;
    }

    private static ByteBuffer take(ByteBuffer in, int length)
    {
        ByteBuffer taken = in.slice(in.position(), length);
        in.position(in.position() + length);
        return taken;
    }

    private static byte[] bytes(ByteBuffer in)
    {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }

    private static int[] numbers(ByteBuffer in)
    {
        int[] numbers = new int[in.remaining() / 2];
        for (int i = 0; i < numbers.length; i++)
        {
            numbers[i] = number(in, 2);
        }
        return numbers;
    }

    private interface Parser<T>
    {
        T parse(ByteBuffer in);
    }
}
