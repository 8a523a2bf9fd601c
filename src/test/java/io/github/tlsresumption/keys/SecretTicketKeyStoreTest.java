package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.CaughtLog;
import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.files.FaultyFileSystem;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
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

/**
 * A ring that somebody else writes, in the layout of a mounted Secret: a directory for each version, and a link that is exchanged.
 */
class SecretTicketKeyStoreTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");
    private static final String SETTING = "jetty.tlsResumption.ticketKeyFile";

    private final KeyRotation rotation = KeyRotation.DEFAULT;
    private final FakeClock clock = new FakeClock(T0);

    @TempDir
    private Path scratch;
    private Path original;
    private Path mount;
    private SecretTicketKeyStore store;

    @BeforeEach
    void mountAFirstRing() throws Exception
    {
        original = Files.createDirectory(scratch.toRealPath().resolve("original"));
        mode(original, 0700);
        original = original.resolve("ring");
        mount = Files.createDirectory(scratch.toRealPath().resolve("mount"));
        mode(mount, 01777);
        Files.createSymbolicLink(mount.resolve("ring"), Path.of("..data/ring"));
        store = new SecretTicketKeyStore(mount.resolve("ring"), SETTING, Optional.empty());
        write(rotation.next(TicketKeyRing.empty(), T0));
        mountVersion("..1", 0640);
    }

    @Test
    void itIsReadThroughItsLinksAndASwapIsNoticed() throws Exception
    {
        TicketKeyRingManager manager = started(RingMark.NONE);
        assertEquals(1, manager.ring().version());

        write(rotation.rotated(manager.ring(), T0, KeyRotation::newSecret, true));
        mountVersion("..2", 0640);
        manager.tick();

        assertEquals(2, manager.ring().version());
        assertEquals(2, manager.ring().keys().size());
        assertTrue(manager.health().error().isEmpty(), () -> manager.health().toString());
    }

    @Test
    void nothingIsWrittenWhateverTimeItIs() throws Exception
    {
        Set<String> before = tree();
        TicketKeyRingManager manager = started(RingMark.NONE);
        for (int hours = 0; hours < 60; hours++)
        {
            clock.advance(Duration.ofHours(1));
            manager.tick();
        }

        assertEquals(1, manager.ring().version());
        assertEquals(before, tree());
        TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, manager::rotateNow);
        assertTrue(refused.getMessage().contains("keys rotate"), refused::getMessage);
        assertEquals(before, tree());
    }

    @Test
    void thatNobodyHasRotatedShowsBeforeTheLastKeyStopsSealing() throws Exception
    {
        TicketKeyRingManager manager = started(RingMark.NONE);
        Instant end = manager.ring().keys().get(0).sealUntil();
        clock.set(end.minus(Duration.ofHours(3)).minusMillis(1));
        manager.tick();
        assertTrue(manager.health().error().isEmpty(), () -> manager.health().toString());

        clock.set(end.minus(Duration.ofHours(3)));
        manager.tick();
        String warning = manager.health().error().orElseThrow();
        assertTrue(warning.contains("nobody has rotated") && warning.contains(end.toString()), warning);

        clock.set(end);
        manager.tick();
        assertTrue(manager.health().error().orElseThrow().contains("full handshakes"), () -> manager.health().toString());

        write(rotation.next(manager.ring(), end));
        mountVersion("..2", 0640);
        manager.tick();
        assertTrue(manager.health().error().isEmpty(), () -> manager.health().toString());
        assertTrue(manager.ring().sealing(end).isPresent());
    }

    @Test
    void keysThatAreDroppedHereAreNotUsedUntilTheFileHasOthers() throws Exception
    {
        TicketKeyRingManager manager = started(RingMark.NONE);
        TicketKeyRing first = manager.ring();
        TicketKeyRing dropped = rotation.dropped(first, T0, KeyRotation::newSecret);
        TicketKeyRing rotated = rotation.rotated(first, T0, KeyRotation::newSecret, true);

        write(rotated);
        manager.dropAll();
        assertTrue(manager.ring().keys().isEmpty());
        assertTrue(first.keys().get(0).isDestroyed());
        mountVersion("..2", 0640);
        manager.tick();
        assertTrue(manager.ring().keys().isEmpty(), "a key that was dropped came back");

        write(dropped);
        mountVersion("..3", 0640);
        manager.tick();
        assertEquals(1, manager.ring().keys().size());
    }

    @Test
    void anOlderRingIsNotTaken() throws Exception
    {
        TicketKeyRing first = new FileTicketKeyStore(original).load().orElseThrow();
        write(rotation.rotated(first, T0, KeyRotation::newSecret, true));
        mountVersion("..2", 0640);
        TicketKeyRingManager manager = started(RingMark.NONE);
        Files.move(Files.createSymbolicLink(mount.resolve("..new"), Path.of("..1")), mount.resolve("..data"),
            StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        manager.tick();
        assertEquals(2, manager.ring().version());

        TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, () -> started(new RingMark()
        {
            @Override
            public long version()
            {
                return 2;
            }

            @Override
            public void raise(long version)
            {
                // Known already.
            }
        }));
        assertEquals(Kind.REFUSED, refused.kind());
        assertTrue(refused.getMessage().contains("old ring"), refused::getMessage);
    }

    /**
     * Nothing is written here, so to remove what is there would bring nothing back.
     */
    @Test
    void whatIsToBeDoneAboutARingThatIsNotTakenIsDoneToTheOriginal() throws Exception
    {
        TicketKeyRingManager manager = started(RingMark.NONE);
        write(rotation.next(TicketKeyRing.empty(), T0));
        mountVersion("..2", 0640);
        manager.tick();

        String problem = manager.health().error().orElseThrow();
        assertTrue(problem.contains("is not taken"), problem);
        assertTrue(problem.endsWith("Version 1 stays in use; use 'keys rotate' on the newest one and mount that"), problem);
    }

    @Test
    void aKeyThatEndsEarlyIsMendedByTheOneWhoRotates() throws Exception
    {
        KeyRotation shorter = new KeyRotation(rotation.sealPeriod(), rotation.lead(), rotation.lifetime().dividedBy(2));
        write(shorter.next(TicketKeyRing.empty(), T0));
        mountVersion("..2", 0640);
        try (CaughtLog log = new CaughtLog())
        {
            started(RingMark.NONE);
            String warning = log.warnings().stream().filter(line -> line.contains("end early")).findFirst().orElseThrow();
            assertTrue(warning.contains("Then use 'keys rotate --lifetime' on the original and mount it"), warning);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"644", "660", "606", "642"})
    void oneThatOthersMayReadOrChangeIsRefused(String mode) throws Exception
    {
        mountVersion("..2", Integer.parseInt(mode, 8));

        TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, store::load);

        assertAll(
            () -> assertEquals(Kind.REFUSED, refused.kind()),
            () -> assertTrue(refused.getMessage().contains(SETTING), refused::getMessage),
            () -> assertTrue(refused.getMessage().contains("0440"), refused::getMessage));
    }

    @Test
    void oneThatIsMissingIsRefusedAndOneThatGoesMissingLeavesTheRing() throws Exception
    {
        TicketKeyRingManager manager = started(RingMark.NONE);
        Files.delete(mount.resolve("..data"));
        manager.tick();

        assertEquals(1, manager.ring().version());
        assertTrue(manager.health().error().isPresent());
        assertTrue(assertThrows(TicketKeyStoreException.class, () -> started(RingMark.NONE)).getMessage().contains("keys init"));
    }

    @Test
    void aSwapBetweenTwoStepsIsNoReasonToRefuse() throws Exception
    {
        FaultyFileSystem files = new FaultyFileSystem();
        store = new SecretTicketKeyStore(files.path(mount.resolve("ring")), SETTING, Optional.empty());
        int step = 0;
        do
        {
            files.missingAt(step++);
            assertEquals(1, store.load().orElseThrow().version(), files.steps()::toString);
        }
        while (files.hasFailed());
        assertTrue(step > 5, files.steps()::toString);
    }

    @Test
    void oneWithAPassphraseIsReadWithThatAlone() throws Exception
    {
        Files.delete(original);
        CheapKeyFile.write(original, "right", rotation.next(TicketKeyRing.empty(), T0));
        mountVersion("..2", 0640);

        assertRefused(Optional.empty());
        assertRefused(Optional.of("wrong"::toCharArray));
        try (SecretTicketKeyStore right = new SecretTicketKeyStore(mount.resolve("ring"), SETTING, Optional.of("right"::toCharArray)))
        {
            assertEquals(1, right.load().orElseThrow().version());
            assertTrue(right.describe().contains("read only, encrypted"), right::describe);
        }
    }

    private void assertRefused(Optional<Supplier<char[]>> passphrase)
    {
        try (SecretTicketKeyStore other = new SecretTicketKeyStore(mount.resolve("ring"), SETTING, passphrase))
        {
            TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, other::load);
            assertEquals(Kind.REFUSED, refused.kind());
            assertTrue(refused.getMessage().startsWith(SETTING + ": the file ") && refused.getMessage().contains("passphrase"),
                refused::getMessage);
        }
    }

    @Test
    void whoTakesItForAFileOfTheServersOwnIsToldOfTheOtherStore()
    {
        FileTicketKeyStore file = new FileTicketKeyStore(mount.resolve("ring"));
        String refusal = assertThrows(TicketKeyStoreException.class, file::load).getMessage();
        assertTrue(refusal.endsWith("; for a mounted Secret set jetty.tlsResumption.ticketKeyStore=secret"), refusal);
    }

    private TicketKeyRingManager started(RingMark mark) throws TicketKeyStoreException
    {
        TicketKeyRingManager manager = new TicketKeyRingManager(store, rotation, clock, new IdleExecutor(), mark);
        manager.start();
        return manager;
    }

    /*
     * What an operator has made, whatever was there.
     */
    private void write(TicketKeyRing ring) throws TicketKeyStoreException, IOException
    {
        Files.deleteIfExists(original);
        assertTrue(new FileTicketKeyStore(original).compareAndSet(0, ring));
    }

    /*
     * As the kubelet does it.
     */
    private void mountVersion(String name, int mode) throws IOException
    {
        Path version = Files.createDirectory(mount.resolve(name));
        Path file = Files.copy(original, version.resolve("ring"));
        mode(file, mode);
        Files.move(Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of(name)), mount.resolve("..data"),
            StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private Set<String> tree() throws IOException
    {
        try (Stream<Path> files = Files.walk(mount))
        {
            Set<String> names = new HashSet<>();
            for (Path file : files.collect(Collectors.toList()))
            {
                names.add(file + " " + Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS));
            }
            assertFalse(names.isEmpty());
            return names;
        }
    }

    private static void mode(Path path, int mode) throws IOException
    {
        Files.setAttribute(path, "unix:mode", mode);
    }
}
