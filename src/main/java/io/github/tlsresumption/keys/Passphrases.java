package io.github.tlsresumption.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.files.SecretBytes;
import io.github.tlsresumption.files.SecretFile;

/**
 * Where passphrases come from. Stateless.
 */
public final class Passphrases
{
    private static final int MAX_BYTES = 4096;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Passphrases()
    {
    }

    /**
     * Reads a passphrase from a file that whoever runs a command has named. The file's mode is not looked at.
     *
     * @param file holds the passphrase in UTF-8; a byte order mark at its beginning and line ends at its end do not count
     * @return reads the file anew at each call; throws {@link UncheckedIOException} when it cannot be read and
     *     {@link IllegalStateException} when it holds no passphrase or more than 4096 bytes, both naming the file
     */
    public static Supplier<char[]> fromFile(Path file)
    {
        String what = "the passphrase file " + file + " ";
        return () ->
        {
            try
            {
                return read(file, what);
            }
            catch (IOException e)
            {
                throw new UncheckedIOException(what + "cannot be read", e);
            }
        };
    }

    /**
     * Reads the passphrase of a server from a file, for example a secret that the container platform mounts. Nobody else may read or
     * replace the file, as {@link SecretFile} has it.
     *
     * @param file as for {@link #fromFile}
     * @param setting that names it, for messages
     * @return reads the file anew at each call; throws {@link IllegalStateException} when it cannot be read, others may read or replace
     *     it, or it holds no passphrase or more than 4096 bytes; the message begins with the setting and says what to do
     */
    public static Supplier<char[]> guarded(Path file, String setting)
    {
        String what = setting + ": the file " + file + " ";
        return () ->
        {
            try
            {
                Optional<String> fault = SecretFile.fault(file, setting);
                if (fault.isPresent())
                {
                    throw new IllegalStateException(fault.get());
                }
                return read(file, what);
            }
            catch (NoSuchFileException e)
            {
                throw new IllegalStateException(what + "does not exist: write it, or correct the setting", e);
            }
            catch (AccessDeniedException e)
            {
                throw new IllegalStateException(what + "may not be read by the user of this process: give it to that user, with mode "
                    + "0600", e);
            }
            catch (IOException e)
            {
                throw new IllegalStateException(what + "cannot be read (" + e.getMessage() + "): name another one", e);
            }
        };
    }

    private static char[] read(Path file, String what) throws IOException
    {
        byte[] bytes = SecretBytes.read(file, MAX_BYTES + 1);
        try
        {
            if (bytes.length > MAX_BYTES)
            {
                throw new IllegalStateException(what + "has more than " + MAX_BYTES + " bytes: is it another file?");
            }
            return decode(what, bytes);
        }
        finally
        {
            Arrays.fill(bytes, (byte)0);
        }
    }

    private static char[] decode(String what, byte[] bytes)
    {
        CharBuffer decoded;
        try
        {
            decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        }
        catch (CharacterCodingException e)
        {
            throw new IllegalStateException(what + "is not UTF-8 text: write the passphrase in UTF-8");
        }
        int end = decoded.length();
        while (end > 0 && (decoded.charAt(end - 1) == '\n' || decoded.charAt(end - 1) == '\r'))
        {
            end--;
        }
        int start = end > 0 && decoded.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
        char[] passphrase = Arrays.copyOfRange(decoded.array(), start, end);
        Arrays.fill(decoded.array(), '\0');
        if (passphrase.length == 0)
        {
            throw new IllegalStateException(what + "is empty: write the passphrase into it");
        }
        return passphrase;
    }
}
