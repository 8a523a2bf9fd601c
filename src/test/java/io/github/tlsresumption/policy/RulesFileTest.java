package io.github.tlsresumption.policy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.eclipse.jetty.logging.JettyLogger;
import org.eclipse.jetty.logging.StdErrAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RulesFileTest
{
    private static final ConnectorTerms DEFAULTS = new ConnectorTerms(ResumptionMode.CACHE, ResumptionMode.CACHE, Duration.ofHours(1));
    private static final Client CLIENT = new Client("TLSv1.3", Optional.empty(), Optional.empty(), List.of());

    private final StdErrAppender appender = (StdErrAppender)((JettyLogger)LoggerFactory.getLogger(RulesFile.class)).getAppender();
    private final PrintStream stream = appender.getStream();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @TempDir
    private Path directory;
    private Path file;
    private long seconds;

    @BeforeEach
    void catchTheLog()
    {
        appender.setStream(new PrintStream(log, true, StandardCharsets.UTF_8));
        file = directory.resolve("rules.conf");
    }

    @AfterEach
    void leaveTheLog()
    {
        appender.setStream(stream);
    }

    /*
     * Puts a new file in the place of the old one, as an operator should.
     */
    private void replace(String text) throws IOException
    {
        Path fresh = Files.writeString(directory.resolve("fresh"), text);
        Files.setLastModifiedTime(fresh, FileTime.from(Instant.EPOCH.plusSeconds(++seconds)));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private RulesFile open(String text) throws IOException
    {
        replace(text);
        return new RulesFile(file, DEFAULTS);
    }

    private long warnings()
    {
        return log.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains(":WARN")).count();
    }

    private static String rule(RulesFile rules)
    {
        return rules.terms(CLIENT).rule();
    }

    private String refusal()
    {
        return assertThrows(RulesException.class, () -> new RulesFile(file, DEFAULTS)).getMessage();
    }

    @Test
    void theRulesOfTheFileAreInForceOnceItIsMade() throws Exception
    {
        RulesFile rules = open("a maxDuration=60\n");
        assertEquals(new SessionTerms(ResumptionMode.CACHE, Duration.ofSeconds(60), false, "a"), rules.terms(CLIENT));
        assertEquals(List.of("a"), rules.names());
        assertEquals(Optional.empty(), rules.problem());
        assertEquals(file + ": a maxDuration=60", rules.toString());
        assertFalse(rules.poll());
    }

    @Test
    void aMissingFileIsRefusedByItsSetting()
    {
        assertEquals(file + ": there is no such file: create it, or mend or remove jetty.tlsResumption.rulesFile", refusal());
    }

    @Test
    void whatIsNoFileIsRefusedByItsSetting() throws Exception
    {
        Files.createDirectory(file);
        assertEquals(file + ": this is not a file: mend or remove jetty.tlsResumption.rulesFile", refusal());
    }

    @Test
    void aBadRuleIsRefusedWithFileAndLine() throws Exception
    {
        replace("# rules\na mode=off host=a\nb mode=on\n");
        assertTrue(refusal().startsWith(file + ":3: unknown mode 'on'"), this::refusal);
    }

    @Test
    void anEmptyFileIsRefusedButNotOneWithoutRules() throws Exception
    {
        replace("");
        assertTrue(refusal().startsWith(file + ": the file is empty"), this::refusal);
        assertEquals(List.of(), open("# none yet\n").names());
        assertEquals(List.of(), open("\n").names());
    }

    @Test
    void whatIsNotUtf8IsRefusedWithItsLine() throws Exception
    {
        Files.write(file, "a host=a\nb host=b # gr\u00fcn\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(file + ":2: this is not UTF-8 text", refusal());
        Files.write(file, new byte[]{'#', '\n', '\n', (byte)0xe2, (byte)0x82});
        assertEquals(file + ":3: this is not UTF-8 text", refusal());
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstRule() throws Exception
    {
        assertEquals(List.of("a"), open("\ufeffa mode=off # gr\u00fcn").names());
    }

    @Test
    void fourMebibytesAreReadAndNotOneByteMore() throws Exception
    {
        String rule = "a mode=off\n";
        String comment = "#".repeat(RulesFile.MAX_BYTES - rule.length());
        assertEquals(List.of("a"), open(rule + comment).names());
        replace(rule + comment + "#");
        assertTrue(refusal().contains("more than 4194304 bytes"), this::refusal);
    }

    @Test
    void aChangedFileIsReadOnceAtTheNextPoll() throws Exception
    {
        RulesFile rules = open("a");
        replace("b");
        assertEquals("a", rule(rules));
        assertTrue(rules.poll());
        assertEquals("b", rule(rules));
        assertFalse(rules.poll());
        assertEquals(0, warnings());
    }

    @Test
    void aChangeShowsInSizeTimeOrInodeAlone() throws Exception
    {
        RulesFile rules = open("a");
        FileTime time = Files.getLastModifiedTime(file);
        Files.writeString(file, "bb");
        Files.setLastModifiedTime(file, time);
        assertTrue(rules.poll());
        Files.writeString(file, "cc");
        Files.setLastModifiedTime(file, FileTime.from(time.toInstant().plusMillis(1)));
        assertTrue(rules.poll());
        replace("dd");
        Files.setLastModifiedTime(file, FileTime.from(time.toInstant().plusMillis(1)));
        assertTrue(rules.poll());
        assertEquals("dd", rule(rules));
    }

    @Test
    void aSymbolicLinkThatIsLedElsewhereIsAChange() throws Exception
    {
        Path one = Files.writeString(directory.resolve("one"), "a");
        Path two = Files.writeString(directory.resolve("two"), "b");
        Files.setLastModifiedTime(two, Files.getLastModifiedTime(one));
        Files.createSymbolicLink(file, one);
        RulesFile rules = new RulesFile(file, DEFAULTS);
        Files.move(Files.createSymbolicLink(directory.resolve("link"), two), file, StandardCopyOption.ATOMIC_MOVE);
        assertTrue(rules.poll());
        assertEquals("b", rule(rules));
    }

    @Test
    void aBadVersionLeavesTheOldRulesAndIsWarnedOfOnce() throws Exception
    {
        RulesFile rules = open("a");
        replace("b\nc");
        for (int i = 0; i < 3; i++)
        {
            assertFalse(rules.poll());
            assertEquals("a", rule(rules));
            assertTrue(rules.problem().orElseThrow().startsWith(file + ":2: rule 'c' is never reached"), rules.problem()::toString);
        }
        assertEquals(1, warnings());
        assertTrue(log.toString(StandardCharsets.UTF_8).contains(file + ":2: rule 'c' is never reached"));
    }

    @Test
    void eachBadVersionIsWarnedOfThoughItsFaultIsTheSame() throws Exception
    {
        RulesFile rules = open("a");
        replace("b x=1");
        rules.poll();
        replace("c x=1");
        rules.poll();
        rules.poll();
        assertEquals(2, warnings());
    }

    @Test
    void aMendedFileIsTakenWithoutFurtherAdo() throws Exception
    {
        RulesFile rules = open("a");
        replace("b x=1");
        rules.poll();
        replace("c");
        assertTrue(rules.poll());
        assertEquals("c", rule(rules));
        assertEquals(Optional.empty(), rules.problem());
    }

    @Test
    void aVanishedFileLeavesTheOldRulesAndIsWarnedOfOnce() throws Exception
    {
        RulesFile rules = open("a");
        Files.delete(file);
        for (int i = 0; i < 3; i++)
        {
            assertFalse(rules.poll());
        }
        assertEquals("a", rule(rules));
        assertTrue(rules.problem().orElseThrow().contains("jetty.tlsResumption.rulesFile"), rules.problem()::toString);
        assertEquals(1, warnings());
        replace("b");
        assertTrue(rules.poll());
        assertEquals("b", rule(rules));
        assertEquals(Optional.empty(), rules.problem());
        Files.delete(file);
        rules.poll();
        assertEquals(2, warnings());
    }

    @Test
    void theSameFileMovedAwayAndBackIsNoProblemAnyMore() throws Exception
    {
        RulesFile rules = open("a");
        Path away = Files.move(file, directory.resolve("away"));
        rules.poll();
        assertNotEquals(Optional.empty(), rules.problem());
        Files.move(away, file);
        assertTrue(rules.poll());
        assertEquals(Optional.empty(), rules.problem());
        assertFalse(rules.poll());
    }

    @Test
    void anEmptiedFileLeavesTheOldRules() throws Exception
    {
        RulesFile rules = open("a");
        replace("");
        assertFalse(rules.poll());
        assertFalse(rules.poll());
        assertEquals("a", rule(rules));
        assertEquals(1, warnings());
    }

    @Test
    void aForcedReloadReadsAFileThatSeemsUnchanged() throws Exception
    {
        RulesFile rules = open("a");
        FileTime time = Files.getLastModifiedTime(file);
        Files.writeString(file, "b");
        Files.setLastModifiedTime(file, time);
        assertFalse(rules.poll());
        rules.reload();
        assertEquals("b", rule(rules));
    }

    @Test
    void aForcedReloadOfABadFileThrowsAndKeepsTheOldRulesAndIsNotWarnedOfAgain() throws Exception
    {
        RulesFile rules = open("a");
        replace("\nb x=1");
        RulesException refusal = assertThrows(RulesException.class, rules::reload);
        assertEquals(2, refusal.line());
        assertEquals("a", rule(rules));
        assertEquals(Optional.of(refusal.getMessage()), rules.problem());
        assertFalse(rules.poll());
        assertEquals(0, warnings());
        Files.delete(file);
        assertEquals(0, assertThrows(RulesException.class, rules::reload).line());
        assertFalse(rules.poll());
        assertEquals(0, warnings());
    }

    @Test
    void questionsAreAnsweredByOneVersionOrTheOtherWhileTheFileChanges() throws Exception
    {
        RulesFile rules = open("a maxDuration=1");
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try
        {
            Future<Long> asked = executor.submit(() ->
            {
                long count = 0;
                while (!done.get())
                {
                    SessionTerms terms = rules.terms(CLIENT);
                    assertEquals(terms.rule().equals("a") ? 1 : 2, terms.maxDuration().toSeconds());
                    count++;
                }
                return count;
            });
            Future<?> polled = executor.submit(() ->
            {
                while (!done.get())
                {
                    rules.poll();
                }
            });
            for (int i = 0; i < 200; i++)
            {
                replace(i % 3 == 0 ? "a maxDuration=1" : i % 3 == 1 ? "b maxDuration=2" : "c x=3");
            }
            replace("b maxDuration=2");
            done.set(true);
            assertTrue(asked.get() > 0);
            polled.get();
        }
        finally
        {
            done.set(true);
            executor.shutdownNow();
        }
        rules.poll();
        assertEquals("b", rule(rules));
        assertEquals(Optional.empty(), rules.problem());
    }
}
