package io.github.tlsresumption;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.Hmac;
import io.github.tlsresumption.crypto.Random;

/**
 * Tells whether two connectors have the same passphrase, and nothing else about it: a digest under a key that ends with the process.
 * Stateless.
 */
final class PassphraseMark
{
    private static final byte[] KEY = Random.bytes(32);

    private PassphraseMark()
    {
    }

    /**
     * @param passphrase gives it in a new array, if there is one
     * @return the same text for the same passphrase; empty for none
     */
    static String of(Optional<Supplier<char[]>> passphrase)
    {
        return passphrase.map(Supplier::get).map(PassphraseMark::of).orElse("");
    }

    private static String of(char[] secret)
    {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
        byte[] bytes = Arrays.copyOf(encoded.array(), encoded.limit());
        try
        {
            return Long.toHexString(Hmac.sha256ToLong(KEY, "passphrase", bytes));
        }
        finally
        {
            Arrays.fill(secret, '\0');
            Arrays.fill(encoded.array(), (byte)0);
            Arrays.fill(bytes, (byte)0);
        }
    }
}
