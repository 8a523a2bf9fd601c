package io.github.tlsresumption.keys;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Supplier;

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
    void lineEndsAtTheEndDoNotCountAndEverythingElseDoes() throws Exception
    {
        assertEquals("secret", read("secret"));
        assertEquals("secret", read("secret\n"));
        assertEquals("secret", read("secret\r\n"));
        assertEquals("secret", read("secret\n\n"));
        assertEquals("secret", read("secret\r\n\r\n"));
        assertEquals("secret", read("secret\r"));
        assertEquals("sec\nret", read("sec\nret\n"));
        assertEquals("secret", read("\uFEFFsecret\r\n"));
        assertEquals("sec\uFEFFret", read("sec\uFEFFret"));
        assertEquals(" se cret ", read(" se cret \n"));
        assertEquals("gr\u00fc\u00df dich \ud83d\ude00", read("gr\u00fc\u00df dich \ud83d\ude00\n"));
    }

    @Test
    void aFileWithoutAPassphraseIsRefusedByName() throws Exception
    {
        for (String contents : new String[]{"", "\n", "\r\n", "\uFEFF", "\uFEFF\n", "x".repeat(4097)})
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

    @Test
    void aFileOfTheServerThatOthersMayReadIsRefusedByItsSetting() throws Exception
    {
        Path file = Files.writeString(directory.toRealPath().resolve("passphrase"), "secret");
        Supplier<char[]> guarded = Passphrases.guarded(file, "jetty.of.a.test");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertEquals("secret", new String(guarded.get()));
        for (String open : List.of("rw-r--r--", "rw--w----", "rw----r--"))
        {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            String refusal = assertThrows(IllegalStateException.class, guarded::get).getMessage();
            assertTrue(refusal.startsWith("jetty.of.a.test: the file " + file), refusal);
            assertTrue(refusal.contains("chmod 600 " + file), refusal);
        }
        Files.delete(file);
        String missing = assertThrows(IllegalStateException.class, guarded::get).getMessage();
        assertEquals("jetty.of.a.test: the file " + file + " does not exist: write it, or correct the setting", missing);
        Files.createDirectory(file);
        String noFile = assertThrows(IllegalStateException.class, guarded::get).getMessage();
        assertTrue(noFile.contains("is not a regular file"), noFile);
    }

    private String read(String contents) throws Exception
    {
        return new String(Passphrases.fromFile(Files.writeString(directory.resolve("passphrase"), contents)).get());
    }
}
