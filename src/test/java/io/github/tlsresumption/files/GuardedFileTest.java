package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A stranger in a sticky directory, such as {@code /tmp}, can neither hold up a write nor choose which file is used.
 */
@OnAnyJdk
@StartsProcesses
class GuardedFileTest
{
    private static final int STRANGER = 12_345;
    private static final String CONTENTS = "contents";

    @TempDir
    private Path scratch;
    private Path directory;
    private Path path;
    private GuardedFile file;

    @BeforeEach
    void makeAStickyDirectory() throws IOException
    {
        directory = Files.createDirectory(scratch.toRealPath().resolve("sticky"));
        Files.setAttribute(directory, "unix:mode", 01777);
        path = directory.resolve("ring");
        file = new GuardedFile(path, "the ring", "who may know it", "choose another place");
    }

    /**
     * What stands where the file of the lock, or the next version, is to be.
     */
    private enum Obstacle
    {
        FILE_OF_A_STRANGER,
        FILE_OF_A_STRANGER_OPEN_TO_ALL,
        LINK_OF_A_STRANGER_TO_OUR_FILE,
        LINK_OF_A_STRANGER_TO_NOTHING,
        DIRECTORY_OF_A_STRANGER,
        PIPE_OF_A_STRANGER,
        OUR_FILE_OPEN_TO_THE_GROUP,
        OUR_FILE_OPEN_TO_ALL,
        OUR_LINK,
        OUR_DIRECTORY,
        OUR_PIPE;

        private void putAt(Path place) throws IOException, InterruptedException
        {
            switch (this)
            {
                case FILE_OF_A_STRANGER -> make(place, "rw-------");
                case FILE_OF_A_STRANGER_OPEN_TO_ALL, OUR_FILE_OPEN_TO_ALL -> make(place, "rw-rw-rw-");
                case OUR_FILE_OPEN_TO_THE_GROUP -> make(place, "rw-r-----");
                case LINK_OF_A_STRANGER_TO_OUR_FILE, OUR_LINK ->
                    Files.createSymbolicLink(place, make(place.resolveSibling("elsewhere"), "rw-------"));
                case LINK_OF_A_STRANGER_TO_NOTHING -> Files.createSymbolicLink(place, place.resolveSibling("nothing"));
                case DIRECTORY_OF_A_STRANGER, OUR_DIRECTORY -> make(Files.createDirectory(place).resolve("a-file"), "rw-------");
                case PIPE_OF_A_STRANGER, OUR_PIPE ->
                    assertEquals(0, new ProcessBuilder("mkfifo", "-m", "600", place.toString()).start().waitFor());
            }
            if (!name().startsWith("OUR_"))
            {
                giveAway(place);
            }
        }

        private static Path make(Path place, String mode) throws IOException
        {
            return Files.setPosixFilePermissions(Files.createFile(place), PosixFilePermissions.fromString(mode));
        }
    }

    @ParameterizedTest
    @EnumSource(Obstacle.class)
    void aLockThatOthersCanHoldIsRefusedWithTheCommandThatMendsIt(Obstacle obstacle) throws Exception
    {
        Path lock = directory.resolve("ring.lock");
        obstacle.putAt(lock);

        FileRefusedException refused = assertThrows(FileRefusedException.class, this::write);

        assertTrue(refused.getMessage().contains("the ring"), refused::getMessage);
        assertTrue(refused.getMessage().contains("mv " + lock + " " + lock + ".old"), refused::getMessage);
        assertFalse(Files.exists(path));
        Files.move(lock, directory.resolve("ring.lock.old"));
        write();
        assertEquals(CONTENTS, Files.readString(path));
    }

    @Test
    void aLockThatAStrangerHoldsIsRefusedToo() throws Exception
    {
        Path lock = directory.resolve("ring.lock");
        Obstacle.FILE_OF_A_STRANGER.putAt(lock);
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE); FileLock held = channel.lock())
        {
            assertTrue(held.isValid());
            assertThrows(FileRefusedException.class, this::write);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Obstacle.class, names = ".*_A_STRANGER.*", mode = EnumSource.Mode.MATCH_ALL)
    void whatAStrangerPutWhereTheNextVersionIsMadeHoldsNothingUp(Obstacle obstacle) throws Exception
    {
        Path inTheWay = directory.resolve("ring.new");
        obstacle.putAt(inTheWay);

        write();
        write();

        assertEquals(CONTENTS, Files.readString(path));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertTrue(Files.exists(inTheWay, LinkOption.NOFOLLOW_LINKS), "it is the stranger's");
        try (Stream<Path> files = Files.list(directory))
        {
            Set<String> names = files.map(found -> found.getFileName().toString()).filter(name -> name.startsWith("ring"))
                .collect(Collectors.toSet());
            assertEquals(Set.of("ring", "ring.lock", "ring.new"), names);
        }
    }

    @Test
    void aLinkOfAStrangerIsNotFollowed() throws Exception
    {
        Path old = directory.resolve("an-older-ring");
        Files.writeString(old, CONTENTS);
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rw-------"));
        Files.createSymbolicLink(path, old);
        file.check(file.real());
        giveAway(path);

        FileRefusedException refused = assertThrows(FileRefusedException.class, file::real);

        assertTrue(refused.getMessage().contains("mv " + path + " " + path + ".old"), refused::getMessage);
    }

    private void write() throws IOException
    {
        Path real = file.real();
        file.locked(real, () ->
        {
            file.replace(real, out -> out.write(CONTENTS.getBytes(StandardCharsets.UTF_8)));
            return null;
        });
    }

    /*
     * Only root may do this.
     */
    private static void giveAway(Path path) throws IOException
    {
        assumeTrue(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0));
        Files.setAttribute(path, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
    }
}
