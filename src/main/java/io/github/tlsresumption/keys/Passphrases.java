package io.github.tlsresumption.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;

import io.github.tlsresumption.files.SecretBytes;

/**
 * Where passphrases come from. Stateless.
 */
public final class Passphrases
{
    private static final int MAX_BYTES = 4096;

    private Passphrases()
    {
    }

    /**
     * Reads a passphrase from a file, for example a secret that the container platform mounts. The file's mode is not
     * looked at, since such platforms often give everybody in the container leave to read it.
     *
     * @param file holds the passphrase in UTF-8; one line feed at its end, or carriage return and line feed, does not count
     * @return reads the file anew at each call; throws {@link UncheckedIOException} when it cannot be read and
     *     {@link IllegalStateException} when it holds no passphrase or more than 4096 bytes, both naming the file
     */
    public static Supplier<char[]> fromFile(Path file)
    {
        return () -> read(file);
    }

    private static char[] read(Path file)
    {
        byte[] bytes;
        try
        {
            bytes = SecretBytes.read(file, MAX_BYTES + 1);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException("the passphrase file " + file + " cannot be read", e);
        }
        try
        {
            if (bytes.length > MAX_BYTES)
            {
                throw new IllegalStateException("the passphrase file " + file + " has more than " + MAX_BYTES
                    + " bytes: is it another file?");
            }
            return decode(file, bytes);
        }
        finally
        {
            Arrays.fill(bytes, (byte)0);
        }
    }

    private static char[] decode(Path file, byte[] bytes)
    {
        CharBuffer decoded;
        try
        {
            decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        }
        catch (CharacterCodingException e)
        {
            throw new IllegalStateException("the passphrase file " + file + " is not UTF-8 text");
        }
        int length = decoded.length();
        if (length > 0 && decoded.charAt(length - 1) == '\n')
        {
            length -= length > 1 && decoded.charAt(length - 2) == '\r' ? 2 : 1;
        }
        char[] passphrase = Arrays.copyOf(decoded.array(), length);
        Arrays.fill(decoded.array(), '\0');
        if (passphrase.length == 0)
        {
            throw new IllegalStateException("the passphrase file " + file + " is empty");
        }
        return passphrase;
    }
}
