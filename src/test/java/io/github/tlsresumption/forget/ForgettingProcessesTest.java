package io.github.tlsresumption.forget;

import java.io.BufferedReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
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
class ForgettingProcessesTest
{
    private static final int PROCESSES = 3;

    @TempDir
    private Path scratch;

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void whatOneOfManyProcessesForgetsAllDoWhileTheFileIsWrittenAnew() throws Exception
    {
        Path directory = Files.createDirectory(scratch.toRealPath().resolve("keys"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = directory.resolve("ring.forgotten");
        Duration longest = Duration.ofDays(1);
        new FileForgetLog(file, longest, Clock.systemUTC()).close();
        String generation = Files.readAllLines(file).get(1);
        Instant established = Instant.now().plus(Duration.ofHours(1));
        List<Process> processes = new ArrayList<>();
        try
        {
            for (int i = 0; i < PROCESSES; i++)
            {
                processes.add(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), ForgettingProcess.class.getName(), file.toString(), established.toString(),
                    Integer.toString(i), Integer.toString(PROCESSES)).redirectError(ProcessBuilder.Redirect.INHERIT).start());
            }
            assertEquals(List.of("ready", "ready", "ready"), answers(processes));
            order(processes);
            assertEquals(List.of("done", "done", "done"), answers(processes));
            order(processes);
            assertEquals(List.of("[] ", "[] ", "[] "), answers(processes));
        }
        finally
        {
            processes.forEach(Process::destroyForcibly);
        }
        List<String> lines = Files.readAllLines(file);
        assertTrue(!lines.get(1).equals(generation), "the file was never written anew");
        assertTrue(lines.size() < 15_000 + 3 * ForgettingProcess.COMMON, () -> lines.size() + " lines");
        List<ForgetLogEntry> entries = new ArrayList<>();
        new FileForgetLog(file, longest, Clock.systemUTC()).read(entries::add);
        assertEquals(1, entries.stream().filter(ForgetLogEntry.ForgetEveryone.class::isInstance).count());
    }

    private static void order(List<Process> processes) throws Exception
    {
        for (Process process : processes)
        {
            Writer in = process.outputWriter();
            in.write("\n");
            in.flush();
        }
    }

    private static List<String> answers(List<Process> processes) throws Exception
    {
        List<String> lines = new ArrayList<>();
        for (Process process : processes)
        {
            BufferedReader out = process.inputReader();
            lines.add(out.readLine());
        }
        return lines;
    }
}
