package io.github.tlsresumption.crypto;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * A key from a passphrase: Argon2id version 0x13 (RFC 9106), without secret and associated data. Stateless.
 */
public final class PassphraseKey
{
    /**
     * Length of a derived key.
     */
    public static final int KEY_BYTES = 32;

    /**
     * Length of the salt (RFC 9106 section 4).
     */
    public static final int SALT_BYTES = 16;

    private static final int MIN_MEMORY_KIB = 8 * 1024;
    private static final int MAX_MEMORY_KIB = 256 * 1024;
    private static final int MAX_ITERATIONS = 16;
    private static final int MAX_PARALLELISM = 16;

    private PassphraseKey()
    {
    }

    /**
     * What a derivation costs, and its salt. None of it is secret; it is stored beside what the key protects.
     * The upper limits keep a hostile file from taking the process's memory or time, the lower one from weakening a new file by mistake.
     *
     * @param memoryKiB memory in KiB, 8 MiB to 256 MiB
     * @param iterations passes over the memory, 1 to 16
     * @param parallelism lanes, 1 to 16
     * @param salt exactly {@link #SALT_BYTES} bytes, random for each file; copied
     */
    public record Parameters(int memoryKiB, int iterations, int parallelism, byte[] salt)
    {
        /**
         * @throws IllegalArgumentException when a value is out of its range; the message says which
         */
        public Parameters
        {
            requireRange("memory in KiB", memoryKiB, MIN_MEMORY_KIB, MAX_MEMORY_KIB);
            requireRange("iterations", iterations, 1, MAX_ITERATIONS);
            requireRange("parallelism", parallelism, 1, MAX_PARALLELISM);
            requireRange("salt length in bytes", salt.length, SALT_BYTES, SALT_BYTES);
            salt = salt.clone();
        }

        /**
         * @return the cost for new files (64 MiB, 3 passes, 1 lane) with a new random salt
         */
        public static Parameters defaults()
        {
            return new Parameters(64 * 1024, 3, 1, Random.bytes(SALT_BYTES));
        }

        /**
         * @return a copy of the salt
         */
        @Override
        public byte[] salt()
        {
            return salt.clone();
        }

        /**
         * @return whether the other has the same cost and the same salt
         */
        @Override
        public boolean equals(Object other)
        {
            return other instanceof Parameters that && memoryKiB == that.memoryKiB && iterations == that.iterations
                && parallelism == that.parallelism && Arrays.equals(salt, that.salt);
        }

        @Override
        public int hashCode()
        {
            return Arrays.hashCode(salt);
        }

        private static void requireRange(String what, int value, int least, int most)
        {
            if (value < least || value > most)
            {
                throw new IllegalArgumentException("Argon2id " + what + " out of range " + least + " to " + most + ": " + value);
            }
        }
    }

    /**
     * @param passphrase not empty; used as UTF-8, without normalization, and left as it is for the caller to overwrite
     * @param parameters cost and salt
     * @return a new key of {@link #KEY_BYTES} bytes
     * @throws IllegalArgumentException when the passphrase is empty or holds half a surrogate pair
     */
    public static byte[] derive(char[] passphrase, Parameters parameters)
    {
        if (passphrase.length == 0)
        {
            throw new IllegalArgumentException("the passphrase is empty");
        }
        byte[] password = utf8(passphrase);
        try
        {
            return argon2id(password, parameters.memoryKiB, parameters.iterations, parameters.parallelism, parameters.salt);
        }
        finally
        {
            Arrays.fill(password, (byte)0);
        }
    }

    /*
     * Apart from derive, because the published vectors use costs and salts that Parameters refuses.
     */
    static byte[] argon2id(byte[] password, int memoryKiB, int iterations, int parallelism, byte[] salt)
    {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKiB)
            .withIterations(iterations)
            .withParallelism(parallelism)
            .withSalt(salt)
            .build());
        byte[] key = new byte[KEY_BYTES];
        generator.generateBytes(password, key);
        return key;
    }

    private static byte[] utf8(char[] passphrase)
    {
        ByteBuffer encoded;
        try
        {
            // A new encoder reports what it cannot encode, where String.getBytes would make '?' of it.
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(passphrase));
        }
        catch (CharacterCodingException e)
        {
            throw new IllegalArgumentException("the passphrase is not valid Unicode text");
        }
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        Arrays.fill(encoded.array(), (byte)0);
        return bytes;
    }
}
