package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What is changed in a directory whose files somebody else exchanges between two steps.
 */
class HeldDirectoryTest
{
    private static final int STRANGER = 12_345;
    private static final ProcessUser.Successor NEXT = new ProcessUser.Successor(STRANGER, STRANGER);
    private static final Path NAME = Path.of("file");

    @TempDir
    private Path scratch;
    private Path directory;
    private Path file;
    private Path other;

    @BeforeEach
    void make() throws IOException
    {
        directory = Files.createDirectory(scratch.toRealPath().resolve("directory"));
        file = Files.writeString(directory.resolve(NAME), "");
        other = Files.writeString(scratch.resolve("other"), "");
        Files.setAttribute(other, "unix:mode", 0640);
    }

    @AfterEach
    void staysWhoItIs()
    {
        ProcessUser.becomes(Optional.empty());
    }

    @Test
    void aLinkIsNotFollowed() throws IOException
    {
        Files.delete(file);
        Files.createSymbolicLink(file, other);
        try (HeldDirectory held = HeldDirectory.open(directory))
        {
            assertFalse(held.facts(NAME).isSoleFile());
            assertThrows(IOException.class, () -> held.permit(NAME, "rw-------"));
            assertThrows(IOException.class, () -> held.give(NAME, NEXT));
            assertThrows(IOException.class, () -> held.child(NAME));
        }
        assertEquals(0640, mode(other));
    }

    @Test
    void aFileWithASecondNameIsNotTheOnlyOne() throws IOException
    {
        Files.delete(file);
        Files.createLink(file, other);
        try (HeldDirectory held = HeldDirectory.open(directory))
        {
            assertFalse(held.facts(NAME).isSoleFile());
            assertTrue(held.facts(NAME).isFile());
        }
    }

    @Test
    void whatWasOpenedIsChangedWhateverHasItsPathNow() throws IOException
    {
        try (HeldDirectory parent = HeldDirectory.open(directory.getParent()); HeldDirectory held = parent.child(directory.getFileName()))
        {
            Path away = Files.move(directory, scratch.resolve("away"));
            Files.createDirectory(directory);
            Files.writeString(file, "another");
            Files.setAttribute(file, "unix:mode", 0640);

            held.permit(NAME, "rw-------");
            held.permit("rwx------");
            assertEquals(0600, mode(away.resolve(NAME)));
            assertEquals(0700, mode(away));
            assertEquals(0640, mode(file));
            assertThrows(FileRefusedException.class, held::facts);
            assertThrows(FileRefusedException.class, () -> held.facts(NAME));
        }
    }

    @Test
    void filesMoveWithTheirDirectory() throws IOException
    {
        Path to = Files.createDirectory(scratch.resolve("to"));
        try (HeldDirectory from = HeldDirectory.open(directory); HeldDirectory there = HeldDirectory.open(to))
        {
            from.move(NAME, there, Path.of("as"));
        }
        assertTrue(Files.exists(to.resolve("as")));
    }

    @Test
    void whoTheProcessWillBecomeIsNotGivenWhatOthersHavePutThere() throws IOException
    {
        assumeTrue(ProcessUser.owner(directory) == ProcessUser.ROOT, "only root gives files away");
        ProcessUser.becomes(Optional.of(NEXT));
        Path link = Files.createSymbolicLink(directory.resolve("link"), other);
        Path second = Files.createLink(directory.resolve("second"), other);
        Path strangers = Files.writeString(directory.resolve("strangers"), "");
        Files.setAttribute(strangers, "unix:uid", STRANGER + 1);
        for (Path path : new Path[]{link, second, strangers})
        {
            assertThrows(FileRefusedException.class, () -> ProcessUser.handOver(path), path::toString);
        }
        assertEquals(0, Files.getAttribute(other, "unix:uid"));
        assertEquals(0, Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS));

        ProcessUser.handOver(file);
        ProcessUser.handOver(directory);
        for (Path path : new Path[]{file, directory})
        {
            assertEquals(STRANGER, Files.getAttribute(path, "unix:uid"), path::toString);
            assertEquals(STRANGER, Files.getAttribute(path, "unix:gid"), path::toString);
        }
    }

    private static int mode(Path path) throws IOException
    {
        return (Integer)Files.getAttribute(path, "unix:mode") & 07777;
    }
}
