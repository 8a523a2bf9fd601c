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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Where a file goes whose directory is not its user's alone, and that it is found there again.
 */
class OwnDirectoryTest
{
    private static final String SETTING = "jetty.tlsResumption.ticketKeyFile";
    private static final String INSTEAD = "set jetty.tlsResumption.ticketKeyStore=memory";
    private static final int STRANGER = 12_345;

    @TempDir
    private Path scratch;
    private Path directory;
    private Path file;
    private Path own;

    @BeforeEach
    void makeADirectory() throws IOException
    {
        directory = Files.createDirectory(scratch.toRealPath().resolve("volume"));
        file = directory.resolve("ring");
        own = directory.resolve("ring.of-" + ProcessUser.owner(directory));
        mode(directory, 0700);
    }

    @AfterEach
    void staysWhoItIs()
    {
        ProcessUser.becomes(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"700", "750", "755", "711", "2700"})
    void aDirectoryOfTheUserAloneIsUsedAsItIs(String mode) throws IOException
    {
        mode(directory, Integer.parseInt(mode, 8));

        assertEquals(file, place());
        assertEquals(file, OwnDirectory.find(file));
        assertFalse(Files.exists(own));
    }

    @ParameterizedTest
    @ValueSource(strings = {"775", "777", "770", "2775", "2770", "1777", "773", "722"})
    void inADirectoryThatOthersMayWriteToTheFileHasADirectoryOfItsOwn(String mode) throws IOException
    {
        mode(directory, Integer.parseInt(mode, 8));
        assertEquals(file, OwnDirectory.find(file), "nothing is made to look");
        assertFalse(Files.exists(own));

        Path place = place();

        assertAll(
            () -> assertEquals(own.resolve("ring"), place),
            () -> assertEquals(0700, mode(own) & 0777),
            () -> assertEquals(place, place()),
            () -> assertEquals(place, OwnDirectory.find(file)),
            () -> new GuardedFile(place, "the ring", "risk", "instead").real());
    }

    @Test
    void itIsFoundAgainWhenTheDirectoryHasBecomeTheUsersAlone() throws IOException
    {
        mode(directory, 0777);
        Path place = place();
        mode(directory, 0700);

        assertEquals(place, place());
        assertEquals(place, OwnDirectory.find(file));
    }

    @Test
    void soItIsInADirectoryOfSomebodyElse() throws IOException
    {
        giveAway(directory);

        assertEquals(own.resolve("ring"), place());
    }

    @Test
    void missingDirectoriesAreMadeForTheUserAlone() throws IOException
    {
        Path deep = directory.resolve("a/b/ring");

        assertEquals(deep, OwnDirectory.place(deep, SETTING, INSTEAD));
        assertEquals(0700, mode(directory.resolve("a")));
        assertEquals(0700, mode(directory.resolve("a/b")));
    }

    /**
     * As Kubernetes does to the whole volume at each mount, where fsGroup is set.
     */
    @Test
    void whatWasOpenedToTheGroupIsClosedAgain() throws IOException
    {
        mode(directory, 02775);
        Path place = place();
        Files.writeString(place, "keys");
        mode(place, 0660);
        mode(own, 02770);

        assertEquals(place, place());
        assertEquals(0700, mode(own));
        assertEquals(0600, mode(place));
    }

    @Test
    void whatWasOpenedToAllIsRefusedWithTheCommandThatMendsIt() throws IOException
    {
        mode(directory, 0777);
        place();
        mode(own, 0705);

        assertTrue(refusal().contains("chmod 700 " + own), this::refusal);
    }

    @Test
    void aDirectoryThatAStrangerHasMadeIsRefused() throws IOException
    {
        mode(directory, 0777);
        giveAway(Files.createDirectory(own));

        assertTrue(refusal().contains("mv " + own + " " + own + ".old"), this::refusal);
    }

    @Test
    void aLinkInItsPlaceIsRefused() throws IOException
    {
        mode(directory, 0777);
        Files.createSymbolicLink(own, Files.createDirectory(scratch.resolve("elsewhere")));

        assertTrue(refusal().contains("mv " + own + " " + own + ".old"), this::refusal);
    }

    @Test
    void filesThatWereThereBeforeMoveWithAllThatBelongsToThem() throws IOException
    {
        for (String name : new String[]{"ring", "ring.forgotten", "ring.version"})
        {
            mode(Files.writeString(directory.resolve(name), name), 0660);
        }
        mode(directory, 02775);

        Path place = place();

        for (String name : new String[]{"ring", "ring.forgotten", "ring.version"})
        {
            assertEquals(name, Files.readString(place.resolveSibling(name)));
            assertEquals(0600, mode(place.resolveSibling(name)));
            assertFalse(Files.exists(directory.resolve(name)));
        }
    }

    /**
     * What a start leaves that was killed between two files.
     */
    @Test
    void aMoveThatWasCutShortIsFinishedByTheNextStart() throws IOException
    {
        Path unfinished = Files.createDirectory(unfinished());
        mode(unfinished, 0700);
        mode(Files.writeString(unfinished.resolve("ring"), "ring"), 0660);
        mode(Files.writeString(directory.resolve("ring.forgotten"), "ring.forgotten"), 0660);
        mode(directory, 02775);
        assertEquals(file, OwnDirectory.find(file), "nothing is made to look");

        Path place = place();

        assertEquals(own.resolve("ring"), place);
        assertFalse(Files.exists(unfinished));
        for (String name : new String[]{"ring", "ring.forgotten"})
        {
            assertEquals(name, Files.readString(own.resolve(name)));
            assertEquals(0600, mode(own.resolve(name)));
        }
    }

    @Test
    void itIsFinishedToWhereTheDirectoryHasBecomeTheUsersAlone() throws IOException
    {
        Path unfinished = Files.createDirectory(unfinished());
        Files.writeString(unfinished.resolve("ring"), "ring");

        assertEquals("ring", Files.readString(place()));
    }

    @Test
    void oneThatAStrangerHasBegunIsRefusedAndGetsNothing() throws IOException
    {
        mode(directory, 0777);
        mode(Files.writeString(file, "ring"), 0600);
        giveAway(Files.createDirectory(unfinished()));

        assertTrue(refusal().contains("mv " + unfinished()), this::refusal);
        assertTrue(Files.exists(file));
    }

    @Test
    void inAStickyDirectoryTheFileOfAnEarlierVersionStays() throws IOException
    {
        mode(Files.writeString(file, "ring"), 0600);
        mode(directory, 01777);

        assertEquals(file, place());
    }

    @Test
    void aFileOfAStrangerDecidesNothing() throws IOException
    {
        giveAway(Files.writeString(file, "ring"));
        for (int mode : new int[]{0777, 01777})
        {
            mode(directory, mode);
            assertEquals(own.resolve("ring"), place());
        }
    }

    @Test
    void whatOnlyAnOperatorCanMendIsNotPassedOver() throws IOException
    {
        mode(Files.writeString(file, "ring"), 0604);
        mode(directory, 0777);

        assertEquals(file, place());
        assertFalse(Files.exists(own));
    }

    @Test
    void aLinkOfTheOperatorIsLeftToBeFollowed() throws IOException
    {
        Files.createSymbolicLink(file, scratch.resolve("elsewhere"));
        mode(directory, 0777);

        assertEquals(file, place());
    }

    @Test
    void aFileInThePlaceOfTheDirectoryIsNamed() throws IOException
    {
        Path inTheWay = Files.writeString(directory.resolve("in-the-way"), "");

        FileRefusedException refused =
            assertThrows(FileRefusedException.class, () -> OwnDirectory.place(inTheWay.resolve("ring"), SETTING, INSTEAD));

        assertTrue(refused.getMessage().contains(SETTING) && refused.getMessage().contains(INSTEAD), refused::getMessage);
        assertTrue(refused.getMessage().contains(inTheWay.toString()), refused::getMessage);
    }

    @Test
    void whoeverTheProcessWillBecomeIsGivenAll() throws IOException
    {
        assumeTrue(ProcessUser.owner(directory) == ProcessUser.ROOT, "only root gives files away");
        mode(Files.writeString(file, "ring"), 0600);
        mode(directory, 0755);
        ProcessUser.becomes(Optional.of(new ProcessUser.Successor(STRANGER, STRANGER)));

        Path place = place();
        GuardedFile guarded = new GuardedFile(place, "the ring", "risk", "instead");
        Path real = guarded.real();
        guarded.check(real);
        guarded.locked(real, () ->
        {
            guarded.replace(real, out -> out.write(1));
            return null;
        });

        assertEquals(directory.resolve("ring.of-" + STRANGER).resolve("ring"), place);
        for (Path made : new Path[]{place.getParent(), place, GuardedFile.beside(place, ".lock")})
        {
            assertEquals(STRANGER, Files.getAttribute(made, "unix:uid"), made::toString);
            assertEquals(STRANGER, Files.getAttribute(made, "unix:gid"), made::toString);
        }
    }

    /**
     * Root has made it, and was killed before it was handed over.
     */
    @Test
    void whatWasNotHandedOverYetIsHandedOverAtTheNextStart() throws IOException
    {
        assumeTrue(ProcessUser.owner(directory) == ProcessUser.ROOT, "only root gives files away");
        mode(directory, 0777);
        ProcessUser.becomes(Optional.of(new ProcessUser.Successor(STRANGER, STRANGER)));
        Path strangers = Files.createDirectory(directory.resolve("ring.of-" + STRANGER));
        mode(strangers, 0700);
        mode(Files.writeString(strangers.resolve("ring"), "ring"), 0600);

        assertEquals(strangers.resolve("ring"), place());
        assertEquals(STRANGER, Files.getAttribute(strangers, "unix:uid"));
        assertEquals(STRANGER, Files.getAttribute(strangers.resolve("ring"), "unix:gid"));
    }

    /**
     * Who will have the directory may already do with it what he likes, and so may have put anything there.
     */
    @Test
    void rootChangesNothingThatALaterUserHasOnlyLinkedTo() throws IOException
    {
        assumeTrue(ProcessUser.owner(directory) == ProcessUser.ROOT, "only root gives files away");
        mode(directory, 0777);
        ProcessUser.becomes(Optional.of(new ProcessUser.Successor(STRANGER, STRANGER)));
        Path roots = Files.writeString(scratch.resolve("of-root"), "secret");
        mode(roots, 0640);
        Path strangers = Files.createDirectory(directory.resolve("ring.of-" + STRANGER));
        Files.createSymbolicLink(strangers.resolve("ring.forgotten"), roots);
        Files.createLink(strangers.resolve("ring.version"), roots);
        mode(Files.writeString(strangers.resolve("ring"), "ring"), 0660);
        giveAway(strangers.resolve("ring"));
        giveAway(strangers);
        mode(strangers, 02770);

        assertEquals(strangers.resolve("ring"), place());
        assertAll(
            () -> assertEquals(0640, mode(roots)),
            () -> assertEquals(0, Files.getAttribute(roots, "unix:uid")),
            () -> assertEquals(0600, mode(strangers.resolve("ring"))),
            () -> assertEquals(0700, mode(strangers)),
            () -> assertEquals(STRANGER, Files.getAttribute(strangers, "unix:uid")));
    }

    private Path unfinished() throws IOException
    {
        return directory.resolve("ring.new-of-" + ProcessUser.owner(directory));
    }

    private Path place() throws IOException
    {
        return OwnDirectory.place(file, SETTING, INSTEAD);
    }

    private String refusal()
    {
        return assertThrows(FileRefusedException.class, this::place).getMessage();
    }

    private static int mode(Path path) throws IOException
    {
        return (Integer)Files.getAttribute(path, "unix:mode") & 07777;
    }

    private static void mode(Path path, int mode) throws IOException
    {
        Files.setAttribute(path, "unix:mode", mode);
    }

    private static void giveAway(Path path) throws IOException
    {
        assumeTrue(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0), "only root gives files away");
        Files.setAttribute(path, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
    }
}
