package io.github.tlsresumption.keys;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
class ContendingProcessesTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir
    private Path scratch;

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void processesThatRotateAtTheSameMomentRotateOnce() throws Exception
    {
        Path directory = Files.createDirectory(scratch.toRealPath().resolve("keys"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<Process> processes = new ArrayList<>();
        try
        {
            for (int i = 0; i < 3; i++)
            {
                processes.add(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), ContendingProcess.class.getName(), directory.resolve("ring").toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start());
            }
            List<Writer> orders = processes.stream().map(process -> (Writer)process.outputWriter()).toList();
            List<BufferedReader> answers = processes.stream().map(Process::inputReader).toList();
            // A key is published at 11:50 of each half day and one ends at noon of each from the third on: one change at each step.
            List<String> reference = alone(30);
            for (int step = 0; step < reference.size(); step++)
            {
                for (Writer order : orders)
                {
                    order.write(timeOf(step).toEpochMilli() + "\n");
                    order.flush();
                }
                List<String> rings = readAll(answers);
                // The loser of a race may have read the winner's ring at once; if not, it has after the next tick.
                assertEquals(1, rings.stream().distinct().count(), () -> "not one ring: " + rings);
                assertTrue(rings.get(0).startsWith(reference.get(step) + " ["), rings.get(0) + ", alone " + reference.get(step));
                assertTrue(rings.get(0).endsWith("]"), rings.get(0));
            }
        }
        finally
        {
            processes.forEach(Process::destroyForcibly);
        }
    }

    /*
     * The versions that one process goes through.
     */
    private static List<String> alone(int steps)
    {
        List<String> versions = new ArrayList<>();
        TicketKeyRing ring = TicketKeyRing.empty();
        for (int step = 0; step < steps; step++)
        {
            ring = KeyRotation.DEFAULT.next(ring, timeOf(step));
            versions.add(Long.toString(ring.version()));
        }
        return versions;
    }

    private static Instant timeOf(int step)
    {
        return T0.plus(Duration.ofHours(12).multipliedBy((step + 1) / 2)).minus(Duration.ofMinutes(step % 2 == 0 ? 0 : 10));
    }

    private static List<String> readAll(List<BufferedReader> answers) throws IOException
    {
        List<String> lines = new ArrayList<>();
        for (BufferedReader answer : answers)
        {
            lines.add(answer.readLine());
        }
        return lines;
    }
}
