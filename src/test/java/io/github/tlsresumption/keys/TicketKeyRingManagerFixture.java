package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;

import io.github.tlsresumption.FakeClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A manager, its store and its clock, for the tests of a manager.
 */
abstract class TicketKeyRingManagerFixture
{
    static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");
    static final Duration PERIOD = Duration.ofHours(12);
    static final Duration LEAD = Duration.ofMinutes(10);
    static final Duration LIFETIME = Duration.ofHours(24);
    static final Duration SETTLING = Duration.ofSeconds(3);

    final FakeClock clock = new FakeClock(T0);
    final IdleExecutor executor = new IdleExecutor();
    final FailingStore store = new FailingStore();
    final TicketKeyRingManager manager = managerOf(store);

    @TempDir
    Path scratch;

    @AfterEach
    void stopTheExecutor()
    {
        executor.shutdownNow();
    }

    TicketKeyRingManager managerOf(TicketKeyStore backing)
    {
        return new TicketKeyRingManager(backing, KeyRotation.DEFAULT, clock, executor);
    }

    void tickAt(Instant now)
    {
        clock.set(now);
        manager.tick();
    }

    void tickEachHour(Duration duration)
    {
        for (long hour = 0; hour < duration.toHours(); hour++)
        {
            clock.advance(Duration.ofHours(1));
            manager.tick();
        }
    }

    Path fileInOwnDirectory() throws IOException
    {
        Path directory = scratch.toRealPath().resolve("keys");
        if (!Files.exists(directory))
        {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return directory.resolve("ring");
    }

    static void replaceAsAnOperatorWould(Path file, byte[] contents) throws IOException
    {
        Path fresh = file.resolveSibling("operators");
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, contents);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
