package io.github.tlsresumption.forget;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LogIdentityTest
{
    private static final String SETTING = "jetty.of.a.test";

    @TempDir
    private Path directory;
    private Path log;

    @BeforeEach
    void choose() throws IOException
    {
        log = directory.toRealPath().resolve("log");
    }

    @Test
    void aLogHasOneAndNoOtherHasTheSame() throws IOException
    {
        String identity = LogIdentity.of(log);
        assertEquals(identity, LogIdentity.of(log));
        assertNotEquals(identity, LogIdentity.of(log.resolveSibling("other")));
    }

    /**
     * Then sessions end, and none is resumed of which the log does not know whether it was forgotten.
     */
    @ParameterizedTest
    @ValueSource(strings = {"", "0123", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdeg\n",
        "0123456789abcdef0123456789abcdef\n\n", "0123456789ABCDEF0123456789ABCDEF\n"})
    void oneThatIsDamagedIsMadeAnew(String damaged) throws IOException
    {
        String before = LogIdentity.of(log);
        Path file = log.resolveSibling("log.id");
        Files.writeString(file, damaged);

        String after = LogIdentity.of(log);
        assertNotEquals(before, after);
        assertEquals(after + "\n", Files.readString(file));
        assertEquals(after, LogIdentity.of(log));
    }

    @Test
    void aPlaceThatCannotBeUsedIsNamedByItsSetting() throws IOException
    {
        try (FileSystem zip = FileSystems.newFileSystem(directory.resolve("a.zip"), Map.of("create", "true")))
        {
            Path there = zip.getPath("/log");
            assertRefused("jetty.tlsResumption.forgetLogFile", () -> LogIdentity.of(there));
            assertRefused(SETTING, () -> LogIdentity.of(there, SETTING));
            assertRefused("jetty.tlsResumption.ticketKeyFile", () -> new FileForgetLog(there, Duration.ofDays(1), Clock.systemUTC()));
            assertRefused(SETTING, () -> new FileForgetLog(there, SETTING, Duration.ofDays(1), Clock.systemUTC()));
        }
    }

    private interface Use
    {
        Object make() throws IOException;
    }

    private static void assertRefused(String setting, Use use)
    {
        String refusal = assertThrows(IOException.class, use::make).getMessage();
        assertTrue(refusal.endsWith(": choose another place in " + setting), refusal);
    }
}
