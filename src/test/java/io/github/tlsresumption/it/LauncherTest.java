package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The launcher, with a stand-in for Java: it writes the properties and tells a command as start.jar does, and is what that command starts.
 * All paths have a space.
 */
@StartsProcesses
@OnAnyJdk
class LauncherTest
{
    private static final Path LAUNCHER = Path.of("jetty-module/bin/tls-resumption-start").toAbsolutePath();
    private static final String JAVA = """
        #!/bin/sh
        case $1 in
            -jar)
                for argument; do
                    case $argument in
                        --exec-properties=*) properties=${argument#*=} ;;
                    esac
                done
                test -f "$2" || exit 4
                echo password=secret > "$properties"
                case $DO in
                    fail) exit 3 ;;
                    stop) kill -TERM "$LAUNCHER" ;;
                    lose) echo "'/no such java'"; exit 0 ;;
                esac
                echo "'$0' run '$properties' 'two  words'" ;;
            run)
                echo "at $PWD"
                echo "base $JETTY_BASE"
                echo "file $2"
                echo "mode $(stat -c %a "$2")"
                echo "mask $(umask)"
                echo "last $3" ;;
        esac
        """;

    @TempDir
    private Path scratch;
    private Path here;
    private Path base;
    private Path temporary;

    private record Outcome(int exit, String text)
    {
        String line(String name)
        {
            return text.lines().filter(line -> line.startsWith(name + " ")).map(line -> line.substring(name.length() + 1)).findFirst()
                .orElseThrow(() -> new AssertionError(this));
        }
    }

    @BeforeEach
    void make() throws IOException
    {
        here = Files.createDirectory(scratch.toRealPath().resolve("a place"));
        base = Files.createDirectory(here.resolve("my base"));
        temporary = Files.createDirectory(here.resolve("my tmp"));
        Files.createDirectory(here.resolve("my home"));
        Files.writeString(here.resolve("my home/start.jar"), "");
        Files.createDirectories(here.resolve("my java/bin"));
        Path java = Files.writeString(here.resolve("my java/bin/java"), JAVA);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void itMayBeExecuted()
    {
        assertTrue(Files.isExecutable(LAUNCHER));
    }

    @Test
    void aServerWithItsBaseElsewhereIsStartedWithItsPropertiesInAFileOfItsOwn() throws Exception
    {
        Outcome started = launch(base, Map.of("TMPDIR", temporary.toString()));
        assertAll(
            () -> assertEquals(0, started.exit(), started::text),
            () -> assertEquals(base.toString(), started.line("at")),
            () -> assertEquals(base.toString(), started.line("base")),
            () -> assertTrue(started.line("file").matches("\\Q" + temporary + "\\E/jetty\\..{6}/start\\.properties"), started::text),
            () -> assertEquals("600", started.line("mode")),
            () -> assertEquals("0022", started.line("mask")),
            () -> assertEquals("two  words", started.line("last")),
            () -> assertEquals(1, left(temporary).size(), "it is the server's to delete"));
    }

    @Test
    void pathsAreSeenFromWhereItWasStarted() throws Exception
    {
        Outcome started = launch(here, Map.of("JETTY_BASE", "my base", "JETTY_HOME", "my home", "JAVA_HOME", "my java", "TMPDIR",
            "my tmp"));
        assertAll(
            () -> assertEquals(0, started.exit(), started::text),
            () -> assertEquals(base.toString(), started.line("base")),
            () -> assertTrue(started.line("file").startsWith(temporary + "/jetty."), started::text));
    }

    @Test
    void ofSeveralRuntimeDirectoriesTheFirstIsTaken() throws Exception
    {
        Path other = Files.createDirectory(here.resolve("other"));
        for (String directories : List.of(temporary + ":" + other, temporary.toString()))
        {
            Outcome started = launch(base, Map.of("RUNTIME_DIRECTORY", directories, "TMPDIR", other.toString()));
            assertTrue(started.line("file").startsWith(temporary + "/jetty."), started::text);
        }
    }

    @Test
    void passwordsGoWhereThereIsNoServer() throws Exception
    {
        Map<String, Integer> codes = Map.of("fail", 3, "stop", 143, "lose", 127);
        for (Map.Entry<String, Integer> code : codes.entrySet())
        {
            Outcome ended = launch(base, Map.of("TMPDIR", temporary.toString(), "DO", code.getKey()));
            assertEquals(code.getValue(), ended.exit(), ended::text);
            assertEquals(List.of(), left(temporary), code::getKey);
        }
    }

    private static List<Path> left(Path directory) throws IOException
    {
        try (Stream<Path> files = Files.list(directory))
        {
            return files.toList();
        }
    }

    private Outcome launch(Path from, Map<String, String> environment) throws IOException, InterruptedException
    {
        Path log = scratch.resolve("log");
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "umask 022; export LAUNCHER=$$; exec \"$0\" \"$@\"", LAUNCHER.toString(),
            "--module=a b").redirectErrorStream(true).redirectOutput(log.toFile()).directory(from.toFile());
        builder.environment().remove("JETTY_BASE");
        builder.environment().remove("RUNTIME_DIRECTORY");
        builder.environment().putAll(Map.of("JETTY_HOME", here.resolve("my home").toString(), "JAVA_HOME",
            here.resolve("my java").toString(), "DO", "start"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end");
        return new Outcome(process.exitValue(), Files.readString(log));
    }
}
