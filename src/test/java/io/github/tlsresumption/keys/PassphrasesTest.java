package io.github.tlsresumption.keys;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PassphrasesTest
{
    @TempDir
    private Path directory;

    @Test
    void oneLineEndAtTheEndDoesNotCountAndEverythingElseDoes() throws Exception
    {
        assertEquals("secret", read("secret"));
        assertEquals("secret", read("secret\n"));
        assertEquals("secret", read("secret\r\n"));
        assertEquals("secret\n", read("secret\n\n"));
        assertEquals("secret\r", read("secret\r"));
        assertEquals(" se cret ", read(" se cret \n"));
        assertEquals("gr\u00fc\u00df dich \ud83d\ude00", read("gr\u00fc\u00df dich \ud83d\ude00\n"));
    }

    @Test
    void aFileWithoutAPassphraseIsRefusedByName() throws Exception
    {
        for (String contents : new String[]{"", "\n", "\r\n", "x".repeat(4097)})
        {
            IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> read(contents));
            assertTrue(refusal.getMessage().contains(directory.resolve("passphrase").toString()), refusal::getMessage);
        }
        Path binary = Files.write(directory.resolve("binary"), new byte[]{(byte)0xff, (byte)0xfe});
        assertThrows(IllegalStateException.class, () -> Passphrases.fromFile(binary).get());
        Path missing = directory.resolve("missing");
        UncheckedIOException refusal = assertThrows(UncheckedIOException.class, () -> Passphrases.fromFile(missing).get());
        assertTrue(refusal.getMessage().contains(missing.toString()), refusal::getMessage);
    }

    private String read(String contents) throws Exception
    {
        return new String(Passphrases.fromFile(Files.writeString(directory.resolve("passphrase"), contents)).get());
    }
}
