package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.Exhaustive;
import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.files.FaultyFileSystem;
import io.github.tlsresumption.files.FaultyFileSystem.Fault;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.StableId;
import io.github.tlsresumption.ticket.Ticket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Whatever step of whatever write fails, no ticket is ever sealed under a key that is not safely in the file.
 */
@Exhaustive
class FileTicketKeyStoreFaultsTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");
    private static final KeyRotation ROTATION = new KeyRotation(Duration.ofHours(1), Duration.ofMinutes(10), Duration.ofHours(2));
    /** In minutes: idle ticks, and those that publish a key, begin to seal with it, or end one; each of these has one behind it. */
    private static final List<Integer> MOMENTS = List.of(0, 10, 20, 50, 60, 110, 120, 170, 180, 190);
    private static final int MOST_STEPS = 500;

    private final IdleExecutor executor = new IdleExecutor();

    @TempDir
    private Path scratch;

    @AfterEach
    void stop()
    {
        executor.shutdownNow();
    }

    /**
     * What makes a key.
     */
    enum Occasion
    {
        /** There is no file yet. */
        FIRST,
        /** It is time for the next one, and later the oldest one ends. */
        IN_TIME,
        /** An operator asks for one. */
        ROTATE_NOW,
        /** An operator drops all. */
        DROP_ALL
    }

    private record Sealed(long keyId, byte[] ticket)
    {
    }

    static Stream<Arguments> occasionsAndFaults()
    {
        return Stream.of(Occasion.values()).flatMap(occasion -> Stream.of(Fault.values()).map(fault -> arguments(occasion, fault)));
    }

    @ParameterizedTest
    @MethodSource("occasionsAndFaults")
    void noTicketIsSealedUnderAKeyThatIsNotInTheFile(Occasion occasion, Fault fault) throws Exception
    {
        Set<String> failed = new TreeSet<>();
        for (int step = 0; step < MOST_STEPS; step++)
        {
            Trial trial = new Trial(occasion);
            trial.run(step, fault);
            if (!trial.files.hasFailed())
            {
                // The write is known to be among what failed before.
                assertTrue(failed.containsAll(Set.of("open ring.new", "write", "force", "close", "move to ring", "delete ring.new",
                    "lock", "open ring.lock", "open keys", "look at ring", "toRealPath")), failed::toString);
                return;
            }
            failed.add(trial.files.steps().get(step));
        }
        throw new AssertionError("there is no end to " + failed);
    }

    /**
     * A process with a directory of its own.
     */
    private final class Trial
    {
        private final FaultyFileSystem files = new FaultyFileSystem();
        private final FakeClock clock = new FakeClock(T0);
        private final List<Sealed> sealed = new ArrayList<>();
        private final Occasion occasion;
        private final Path directory;
        private final Path file;
        private final TicketKeyRingManager manager;
        private byte[] checked;
        private int checkedTickets;
        private Optional<TicketKeyRing> stored = Optional.empty();

        private Trial(Occasion occasion) throws IOException
        {
            this.occasion = occasion;
            this.directory = Files.createDirectory(Files.createTempDirectory(scratch.toRealPath(), "trial").resolve("keys"));
            this.file = directory.resolve("ring");
            this.manager = new TicketKeyRingManager(new FileTicketKeyStore(files.path(file)), ROTATION, clock, executor);
        }

        private void run(int step, Fault fault) throws Exception
        {
            if (occasion != Occasion.FIRST)
            {
                manager.start();
                seal();
            }
            files.failAt(step, fault);
            // An operator starts again what did not start.
            if (trouble(occasion) && occasion == Occasion.FIRST && !files.isDead())
            {
                manager.start();
            }
            // Until the second key seals, or the first one has ended.
            int enough = occasion == Occasion.IN_TIME ? 190 : 30;
            for (int i = 1; i < MOMENTS.size() && MOMENTS.get(i - 1) < enough && !files.isDead(); i++)
            {
                seal();
                clock.advance(Duration.ofMinutes(MOMENTS.get(i) - MOMENTS.get(i - 1)));
                if (!trouble(Occasion.IN_TIME))
                {
                    assertAllKeysAreInTheFile();
                }
            }
            assertFalse(sealed.isEmpty() && !files.isDead(), "a single fault ends nothing");
            assertAllKeysAreInTheFile();
            if (!files.isDead())
            {
                assertTrue(manager.ring().sealing(clock.instant()).isPresent(), "a single fault ends nothing");
            }
            manager.stop();
            assertTheNextProcessGoesOn();
        }

        /*
         * Nobody says that the caller stops at an exception: what is sealed afterwards counts.
         */
        private boolean trouble(Occasion now)
        {
            try
            {
                switch (now)
                {
                    case FIRST -> manager.start();
                    case IN_TIME -> manager.tick();
                    case ROTATE_NOW -> manager.rotateNow();
                    case DROP_ALL -> manager.dropAll();
                }
                return false;
            }
            catch (TicketKeyStoreException e)
            {
                return true;
            }
        }

        private void seal()
        {
            // Who is dead seals nothing.
            if (files.isDead())
            {
                return;
            }
            Instant now = clock.instant();
            manager.ring().sealing(now).ifPresent(key ->
            {
                SessionRecord record =
                    new SessionRecord(StableId.random(), now, now.plusSeconds(60), 0, 0, 0, 0, 0, 0, Protocol.TLS_1_3, false, false);
                byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
                sealed.add(new Sealed(key.id(), Ticket.seal(key.cipher(), key.id(), nonce, record, new byte[10], new byte[0])));
            });
        }

        /*
         * As another process sees it.
         */
        private void assertAllKeysAreInTheFile() throws Exception
        {
            byte[] content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            if (!Arrays.equals(content, checked))
            {
                stored = new FileTicketKeyStore(file).load();
                checked = content;
                checkedTickets = 0;
            }
            // The others opened with the same keys before.
            List<Sealed> fresh = sealed.subList(checkedTickets, sealed.size());
            checkedTickets = sealed.size();
            for (Sealed ticket : fresh)
            {
                boolean ended = manager.ring().opening(ticket.keyId(), clock.instant()).isEmpty();
                if (ended || stored.filter(ring -> ring.dropped().containsKey(ticket.keyId())).isPresent())
                {
                    continue;
                }
                Optional<TicketKey> key = stored.flatMap(ring -> ring.find(ticket.keyId()));
                assertTrue(key.isPresent(), () -> "sealed under a key that is not in the file: " + files.steps());
                assertTrue(Ticket.open(key.get().cipher(), ticket.ticket(), new byte[0]).isPresent());
            }
        }

        private void assertTheNextProcessGoesOn() throws Exception
        {
            TicketKeyRingManager next = new TicketKeyRingManager(new FileTicketKeyStore(file), ROTATION, clock, executor);
            next.start();
            next.rotateNow();
            assertTrue(next.ring().sealing(clock.instant()).isPresent());
            next.stop();
            try (Stream<Path> left = Files.list(directory))
            {
                assertEquals(Set.of("ring", "ring.lock"), left.map(path -> path.getFileName().toString()).collect(Collectors.toSet()));
            }
        }
    }
}
