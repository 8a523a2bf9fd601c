package io.github.tlsresumption.forget;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.files.GuardedFile;
import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class FileForgetLogTest
{
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant LATER = START.plusSeconds(5);
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final ForgetLogEntry NEW = new ForgetEveryone(START);
    private static final List<ForgetLogEntry> ALL_KINDS = List.of(
        new Forget(0, START.plusMillis(1)),
        new Forget(-1, START.minus(Duration.ofDays(30_000))),
        new ForgetPrincipal(0x0123456789abcdefL, START.plusMillis(2)),
        new ForgetEveryone(START.minusMillis(1)),
        new Bind(Long.MIN_VALUE, START.plusMillis(3), Long.MAX_VALUE, START.plusMillis(4)));

    private final FakeClock clock = new FakeClock(START);

    @TempDir
    private Path scratch;
    private Path directory;
    private Path file;
    private FileForgetLog log;

    @BeforeEach
    void makeADirectoryOfOurOwn() throws IOException
    {
        directory = Files.createDirectory(scratch.toRealPath().resolve("keys"), PosixFilePermissions.asFileAttribute(mode("rwx------")));
        file = directory.resolve("ring.forgotten");
        log = open();
        clock.set(LATER);
    }

    @Test
    void aNewFileForgetsEveryoneBeforeItWasMade() throws Exception
    {
        assertEquals(List.of(NEW), read(log));
        assertEquals(mode("rw-------"), Files.getPosixFilePermissions(file));
        assertEquals("file " + file, log.describe());
        assertEquals(List.of(NEW), read(open()), "once, not at each start");
    }

    @Test
    void everyKindOfEntryComesBackToTheWriterToOthersAndAfterARestart() throws Exception
    {
        FileForgetLog other = open();
        assertEquals(List.of(NEW), read(other));
        for (ForgetLogEntry entry : ALL_KINDS)
        {
            log.append(List.of(entry));
        }

        assertEquals(ALL_KINDS, read(other));
        assertEquals(List.of(), read(other));
        assertEquals(withNew(ALL_KINDS), read(log));
        assertEquals(withNew(ALL_KINDS), read(open()));
    }

    @Test
    void theTextCanBeReadByPeople() throws Exception
    {
        log.append(List.of(new Forget(255, START)));

        List<String> lines = Files.readAllLines(file);
        assertEquals("jetty-tls-resumption forgotten 1", lines.get(0));
        assertTrue(lines.get(1).matches("generation [0-9a-f]{16} " + START.toEpochMilli() + " 1 [0-9a-f]{8}"), lines.get(1));
        assertTrue(lines.get(2).matches("everyone " + START.toEpochMilli() + " [0-9a-f]{8}"), lines.get(2));
        assertTrue(lines.get(3).matches("forget 00000000000000ff " + START.toEpochMilli() + " [0-9a-f]{8}"), lines.get(3));
    }

    @Test
    void whatTheReaderDidNotTakeItIsGivenAgain() throws Exception
    {
        log.append(ALL_KINDS);
        List<ForgetLogEntry> taken = new ArrayList<>();
        assertThrows(IllegalStateException.class, () -> log.read(entry ->
        {
            if (taken.size() == 3)
            {
                throw new IllegalStateException("no more");
            }
            taken.add(entry);
        }));
        taken.addAll(read(log));

        assertEquals(withNew(ALL_KINDS), taken);
    }

    @Test
    void aLineCutShortForgetsEveryoneOnce() throws Exception
    {
        log.append(ALL_KINDS);
        byte[] whole = Files.readAllBytes(file);
        int lastLine = ForgetLogLines.encode(ALL_KINDS.get(4)).length() + 1;
        for (int cut = 1; cut < lastLine; cut++)
        {
            Files.write(file, Arrays.copyOf(whole, whole.length - cut));
            FileForgetLog reader = open();
            List<ForgetLogEntry> given = read(reader);

            assertTrue(given.containsAll(ALL_KINDS.subList(0, 4)), given::toString);
            assertEquals(new ForgetEveryone(LATER), given.get(given.size() - 1));
            assertEquals(List.of(), read(reader));
            assertTrue(read(open()).contains(new ForgetEveryone(LATER)), "others are told too");
            clock.advance(Duration.ofSeconds(1));
            assertFalse(read(open()).contains(new ForgetEveryone(LATER.plusSeconds(1))), "but once");
            clock.set(LATER);
        }
    }

    @Test
    void aDamagedByteForgetsEveryoneAndTheOtherLinesStay() throws Exception
    {
        log.append(ALL_KINDS);
        byte[] whole = Files.readAllBytes(file);
        int entries = new String(whole, StandardCharsets.US_ASCII).indexOf("forget 0");
        for (int at = entries; at < whole.length; at++)
        {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            Files.write(file, damaged);
            FileForgetLog reader = open();
            List<ForgetLogEntry> given = read(reader);

            int offset = at;
            assertTrue(given.contains(new ForgetEveryone(LATER)), () -> "byte " + offset + ": " + given);
            assertTrue(new HashSet<>(given).stream().filter(ALL_KINDS::contains).count() >= 3, () -> "byte " + offset + ": " + given);
            assertEquals(List.of(), read(reader));
            assertTrue(new HashSet<>(read(open())).contains(new ForgetEveryone(LATER)));
        }
    }

    @Test
    void aCrashOfAnotherWriterSwallowsNoLineOfOurs() throws Exception
    {
        FileForgetLog other = open();
        read(other);
        Files.writeString(file, "forget 0000000000", StandardOpenOption.APPEND);
        log.append(List.of(ALL_KINDS.get(0)));

        List<ForgetLogEntry> given = read(other);
        assertEquals(Set.of(ALL_KINDS.get(0), new ForgetEveryone(LATER)), Set.copyOf(given));
        assertFalse(Files.readString(file).contains("0000000000forget"));
        assertTrue(read(log).contains(new ForgetEveryone(LATER)));
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void aLineThatAnotherIsJustWritingIsWaitedForAndNoDamage() throws Exception
    {
        FileForgetLog other = open();
        read(other);
        String line = ForgetLogLines.encode(ALL_KINDS.get(0)) + "\n";
        AtomicReference<List<ForgetLogEntry>> given = new AtomicReference<>();
        Thread reader = new Thread(() ->
        {
            try
            {
                given.set(read(other));
            }
            catch (IOException e)
            {
                throw new IllegalStateException(e);
            }
        });
        GuardedFile guarded = new GuardedFile(file, "the file", "risk", "instead");
        guarded.locked(file, () ->
        {
            Files.writeString(file, line.substring(0, 20), StandardOpenOption.APPEND);
            reader.start();
            while (reader.getState() != Thread.State.BLOCKED)
            {
                Thread.onSpinWait();
            }
            return Files.writeString(file, line.substring(20), StandardOpenOption.APPEND);
        });
        reader.join();

        assertEquals(List.of(ALL_KINDS.get(0)), given.get());
    }

    @Test
    void aFileThatHasBecomeShorterForgetsEveryone() throws Exception
    {
        byte[] before = Files.readAllBytes(file);
        log.append(ALL_KINDS);
        read(log);
        Files.write(file, before);

        assertEquals(List.of(new ForgetEveryone(LATER)), read(log));
        assertTrue(read(open()).contains(new ForgetEveryone(LATER)));
    }

    @Test
    void aFileThatVanishesIsMadeAnewAndForgetsEveryone() throws Exception
    {
        read(log);
        Files.delete(file);
        assertEquals(List.of(new ForgetEveryone(LATER)), read(log));

        Files.delete(file);
        clock.advance(Duration.ofSeconds(1));
        log.append(List.of(ALL_KINDS.get(0)));
        assertEquals(List.of(new ForgetEveryone(LATER.plusSeconds(1)), ALL_KINDS.get(0)), read(log));
    }

    @Test
    void aFileOfAnotherKindIsRefusedAndKept() throws Exception
    {
        String whole = Files.readString(file);
        Map<String, String> unusable = Map.of(
            "it is another file", "jetty-tls-resumption ticket keys, format 1\n",
            "or its beginning is lost", "",
            "written by another release: run that release", whole.replace("forgotten 1", "forgotten 2"),
            "its beginning is damaged", whole.replaceFirst("generation .", "generation x"));
        for (Map.Entry<String, String> entry : unusable.entrySet())
        {
            Files.writeString(file, entry.getValue());
            byte[] before = Files.readAllBytes(file);
            for (Call call : List.<Call>of(this::open, () -> append(log), () -> read(log)))
            {
                assertRefused(entry.getKey(), call);
                assertRefused("mv " + file + " " + file + ".old", call);
            }
            assertArrayEquals(before, Files.readAllBytes(file));
        }
        Files.writeString(file, whole);
        assertEquals(List.of(NEW), read(log));
    }

    @Test
    void aFileThatOthersMayTouchIsRefusedWithTheCommandThatMendsIt() throws Exception
    {
        read(log);
        Files.setPosixFilePermissions(file, mode("rw-rw----"));
        assertRefused("chmod 600 " + file, this::open);
        assertRefused("chmod 600 " + file, () -> append(log));
        assertRefused("chmod 600 " + file, () -> read(log));
        Files.setPosixFilePermissions(file, mode("rw-------"));
        log.append(ALL_KINDS);
        assertEquals(ALL_KINDS, read(log));

        Files.setPosixFilePermissions(directory, mode("rwxrwxrwx"));
        assertRefused("chmod go-w " + directory, this::open);
        assertRefused("chmod go-w " + directory, () -> append(log));
    }

    @Test
    void aFileOfAnotherUserIsRefusedWithTheCommandThatMendsIt() throws Exception
    {
        assumeTrue(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0), "only root may give a file away");
        String owner = Files.getOwner(file).getName();
        Files.setAttribute(file, "unix:uid", 12_345);

        assertRefused("chown " + owner + " " + file, this::open);
        assertRefused("chown " + owner + " " + file, () -> append(log));
    }

    @Test
    void aMissingDirectoryIsRefusedWithTheCommandThatMakesIt()
    {
        Path missing = directory.resolve("missing");
        assertRefused("mkdir -m 700 " + missing, () -> new FileForgetLog(missing.resolve("ring"), LONGEST, clock));
    }

    @Test
    void whatIsSupersededIsLeftOutOfANewFileWithoutLossToThoseWhoRead() throws Exception
    {
        FileForgetLog behind = open();
        read(behind);
        log.append(ALL_KINDS);
        log.append(forgets(0, 6_000, LATER));
        FileForgetLog halfway = open();
        Set<ForgetLogEntry> givenHalfway = new HashSet<>(read(halfway));
        log.append(forgets(0, 6_000, LATER.plusMillis(1)));
        long before = Files.size(file);
        read(log);

        assertTrue(Files.size(file) < before * 6 / 10, "it was " + before + ", is " + Files.size(file));
        log.append(forgets(9_000, 1, LATER));
        for (FileForgetLog reader : List.of(log, behind, halfway, open()))
        {
            givenHalfway.addAll(reader == halfway ? read(reader) : List.of());
            Set<ForgetLogEntry> given = reader == halfway ? givenHalfway : reader == log ? Set.copyOf(read(open()))
                : Set.copyOf(read(reader));
            assertTrue(given.containsAll(forgets(0, 6_000, LATER.plusMillis(1))));
            assertTrue(given.containsAll(forgets(9_000, 1, LATER)));
            assertTrue(given.contains(ALL_KINDS.get(2)) && given.contains(ALL_KINDS.get(4)), "the principal and the binding");
        }
        assertEquals(6_000 + 1 + 4, read(open()).size());
        try (Stream<Path> files = Files.list(directory))
        {
            assertEquals(Set.of(file, directory.resolve("ring.forgotten.lock")), Set.copyOf(files.toList()));
        }
    }

    @Test
    void whatStillMattersIsNotWrittenAgainAndAgain() throws Exception
    {
        log.append(forgets(0, 30_000, LATER));
        read(log);
        String head = Files.readAllLines(file).get(1);
        log.append(forgets(30_000, 30_000, LATER));
        read(log);
        read(open());

        assertTrue(head.contains(" 30001 "), head);
        assertEquals(head, Files.readAllLines(file).get(1));
    }

    @Test
    void whatHasExpiredBecomesEveryoneAsOld() throws Exception
    {
        log.append(forgets(0, 2_000, LATER));
        log.append(List.of(new Bind(1, LATER, 2, LATER), new Forget(5_000, LATER.plusMillis(1))));
        byte[] whole = Files.readAllBytes(file);
        clock.set(LATER.plus(LONGEST));
        read(log);
        assertFalse(Arrays.equals(whole, Files.readAllBytes(file)), "all that the file began with has expired");
        assertEquals(2_003, read(open()).size(), "the last instant at which they may matter");

        Files.write(file, whole);
        clock.advance(Duration.ofMillis(1));
        read(log);

        assertEquals(List.of(new ForgetEveryone(LATER), new Forget(5_000, LATER.plusMillis(1))), read(open()));
    }

    @Test
    void aFailureToMendIsToldAndTheDamageIsNotForgotten() throws Exception
    {
        read(log);
        Files.writeString(file, "damage\n", StandardOpenOption.APPEND);
        // In the way of the new file, and not to be deleted as it is not empty.
        Path inTheWay = Files.createDirectory(directory.resolve("ring.forgotten.new"));
        Path inside = Files.createFile(inTheWay.resolve("inside"));
        List<ForgetLogEntry> given = new ArrayList<>();
        assertThrows(IOException.class, () -> log.read(given::add));
        assertEquals(List.of(new ForgetEveryone(LATER)), given, "in effect at once");
        assertThrows(IOException.class, () -> log.read(given::add));
        assertEquals(1, given.size());

        Files.delete(inside);
        log.read(given::add);
        assertEquals(1, given.size());
        assertFalse(Files.readString(file).contains("damage"));
        assertTrue(read(open()).contains(new ForgetEveryone(LATER)));
    }

    @Test
    void aListOverTheFileRemembersOverARestart() throws Exception
    {
        ForgetList list = new ForgetList(log, LONGEST, 100, 100, clock);
        list.bind(7, LATER, 9);
        list.forget(8, LATER);
        ForgetList restarted = new ForgetList(open(), LONGEST, 100, 100, clock);

        assertTrue(restarted.isForgotten(1, LATER, 8));
        assertFalse(restarted.isForgotten(7, LATER));
        restarted.forgetPrincipal(9, LATER);
        list.poll();
        assertTrue(list.isForgotten(7, LATER));
        Files.setPosixFilePermissions(file, mode("rw-r--r--"));
        assertThrows(IOException.class, () -> list.forget(10, LATER));
        restarted.poll();
        assertTrue(restarted.problem().orElseThrow().contains("chmod 600"));
        Files.setPosixFilePermissions(file, mode("rw-------"));
        list.poll();
        restarted.poll();
        assertTrue(restarted.isForgotten(1, LATER, 10));
        assertTrue(restarted.problem().isEmpty() && list.problem().isEmpty());
    }

    @Test
    void aLogThatWasClosedGivesEverythingAgain() throws Exception
    {
        log.append(ALL_KINDS);
        assertEquals(withNew(ALL_KINDS), read(log));
        log.close();
        assertEquals(withNew(ALL_KINDS), read(log));
        assertEquals(List.of(), read(log));

        log.close();
        log.close();
        open().append(forgets(0, 1, LATER));
        assertEquals(ALL_KINDS.size() + 2, read(log).size());
    }

    @Test
    void aFileThatWasReplacedWhileTheLogWasClosedIsNoDamage() throws Exception
    {
        log.append(forgets(0, 6_000, LATER));
        read(log);
        log.close();
        FileForgetLog other = open();
        other.append(forgets(0, 6_000, LATER.plusMillis(1)));
        read(other);

        assertEquals(6_001, read(log).size());
        assertEquals(List.of(), read(log));
    }

    private interface Call
    {
        Object make() throws IOException;
    }

    private FileForgetLog open() throws IOException
    {
        return new FileForgetLog(file, LONGEST, clock);
    }

    private static Object append(FileForgetLog log) throws IOException
    {
        log.append(ALL_KINDS);
        return log;
    }

    private static List<ForgetLogEntry> read(FileForgetLog log) throws IOException
    {
        List<ForgetLogEntry> given = new ArrayList<>();
        log.read(given::add);
        return given;
    }

    private static List<ForgetLogEntry> withNew(List<ForgetLogEntry> entries)
    {
        return Stream.concat(Stream.of(NEW), entries.stream()).toList();
    }

    private static List<ForgetLogEntry> forgets(long first, int count, Instant before)
    {
        return LongStream.range(first, first + count).<ForgetLogEntry>mapToObj(subject -> new Forget(subject + 1_000_000, before)).toList();
    }

    private static void assertRefused(String why, Call call)
    {
        IOException refusal = assertThrows(IOException.class, call::make);
        assertTrue(refusal.getMessage().contains(why), refusal::getMessage);
    }

    private static Set<PosixFilePermission> mode(String permissions)
    {
        return PosixFilePermissions.fromString(permissions);
    }
}
