package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

import io.github.tlsresumption.crypto.Digests;

/**
 * The text of a ticket key file, in the hands of somebody who knows its format.
 *
 * @param header its first line
 * @param body what its second line stands for
 */
record KeyFile(String header, byte[] body)
{
    private static final String LABEL = "jetty-tls-resumption ticket key ring";
    /** Version and identity key. */
    private static final int HEAD = 8 + 32;
    private static final int KEY = 40 + 32;

    static KeyFile read(Path file)
    {
        String[] lines = Attacks.text(file).split("\n");
        return new KeyFile(lines[0], Base64.getDecoder().decode(lines[1]));
    }

    /**
     * Puts it in the place of a file as an operator would, with a checksum that is right.
     */
    void write(Path file)
    {
        String encoded = Base64.getEncoder().encodeToString(body);
        byte[] checksum = Digests.sha256(LABEL, header.getBytes(StandardCharsets.US_ASCII), encoded.getBytes(StandardCharsets.US_ASCII));
        write(file, header + "\n" + encoded + "\n" + HexFormat.of().formatHex(checksum) + "\n");
    }

    static void write(Path file, String text)
    {
        try
        {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, text);
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @return this file with the first key's secret replaced by bytes that are all the same
     */
    KeyFile weak(int value)
    {
        byte[] changed = body.clone();
        Arrays.fill(changed, HEAD + 4 + 40, HEAD + 4 + KEY, (byte)value);
        return new KeyFile(header, changed);
    }

    /**
     * @return this file with its first key twice
     */
    KeyFile doubled()
    {
        int keys = ByteBuffer.wrap(body).getInt(HEAD);
        ByteBuffer changed = ByteBuffer.allocate(body.length + KEY).put(body, 0, HEAD).putInt(keys + 1)
            .put(body, HEAD + 4, KEY).put(body, HEAD + 4, body.length - HEAD - 4);
        return new KeyFile(header, changed.array());
    }

    /**
     * @return this file without the end of its last key
     */
    KeyFile shortened()
    {
        return new KeyFile(header, Arrays.copyOf(body, body.length - 16));
    }

    /**
     * @return the secrets in a file that is not encrypted
     */
    List<byte[]> secrets()
    {
        List<byte[]> secrets = new ArrayList<>();
        int keys = ByteBuffer.wrap(body).getInt(HEAD);
        for (int i = 0; i < keys; i++)
        {
            int at = HEAD + 4 + i * KEY + 40;
            secrets.add(Arrays.copyOfRange(body, at, at + 32));
        }
        return secrets;
    }
}
