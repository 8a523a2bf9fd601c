package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class FileTicketKeyStoreTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");

    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), T0);
    private final TicketKeyRing second = KeyRotation.DEFAULT.next(ring, T0.plus(Duration.ofHours(12)));

    @TempDir
    private Path scratch;
    private Path directory;
    private Path file;
    private FileTicketKeyStore store;

    @BeforeEach
    void makeADirectoryOfOurOwn() throws IOException
    {
        directory = Files.createDirectory(scratch.toRealPath().resolve("keys"), PosixFilePermissions.asFileAttribute(mode("rwx------")));
        file = directory.resolve("ring");
        store = new FileTicketKeyStore(file);
    }

    @Test
    void anEmptyPlaceHoldsNothing() throws Exception
    {
        assertTrue(store.load().isEmpty());
        assertTrue(store.shared());
        assertTrue(store.persistent());
        assertEquals("file " + file + " (not encrypted)", store.describe());
    }

    @Test
    void aRingComesBackInAnotherProcess() throws Exception
    {
        assertTrue(store.compareAndSet(0, ring));

        assertTrue(ring.hasContentsOf(new FileTicketKeyStore(file).load().orElseThrow()));
    }

    @Test
    void onlyTheExpectedVersionIsReplaced() throws Exception
    {
        assertFalse(store.compareAndSet(1, second));
        assertTrue(store.compareAndSet(0, ring));
        assertFalse(store.compareAndSet(0, second));
        assertTrue(store.compareAndSet(1, second));
        assertEquals(2, store.load().orElseThrow().version());
        assertThrows(IllegalArgumentException.class, () -> store.compareAndSet(2, second));
    }

    @Test
    void theFileIsItsOwnersAloneAndNothingElseIsLeft() throws Exception
    {
        store.compareAndSet(0, ring);
        store.compareAndSet(1, second);

        assertEquals(mode("rw-------"), Files.getPosixFilePermissions(file));
        assertEquals(mode("rw-------"), Files.getPosixFilePermissions(directory.resolve("ring.lock")));
        try (Stream<Path> files = Files.list(directory))
        {
            assertEquals(Set.of(file, directory.resolve("ring.lock")), Set.copyOf(files.toList()));
        }
    }

    @Test
    void whatACrashLeftBehindIsErasedByTheNextWrite() throws Exception
    {
        Path left = Files.writeString(directory.resolve("ring.new"), "half a ring");

        store.compareAndSet(0, ring);

        assertFalse(Files.exists(left));
    }

    @Test
    void aFileOpenToOthersIsRefusedWithTheCommandThatMendsIt() throws Exception
    {
        store.compareAndSet(0, ring);
        for (String open : new String[]{"rw-r-----", "rw----r--", "rw--w----", "rw------x", "rwxrwxrwx"})
        {
            Files.setPosixFilePermissions(file, mode(open));
            assertKeptAndRefused("chmod 600 " + file);
        }
        Files.setPosixFilePermissions(file, mode("rw-------"));
        assertTrue(store.load().isPresent());
    }

    @Test
    void aFileOfAnotherUserIsRefusedWithTheCommandThatMendsIt() throws Exception
    {
        store.compareAndSet(0, ring);
        String owner = Files.getOwner(file).getName();
        giveAway(file);

        assertKeptAndRefused("chown " + owner + " " + file);
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsRefusedUnlessSticky() throws Exception
    {
        store.compareAndSet(0, ring);
        for (String open : new String[]{"rwxrwx---", "rwx-w----", "rwx---rwx", "rwx----w-"})
        {
            Files.setPosixFilePermissions(directory, mode(open));
            assertKeptAndRefused("chmod go-w " + directory);
        }
        Files.setAttribute(directory, "unix:mode", 01777);
        assertTrue(store.load().isPresent());
        Files.setAttribute(directory, "unix:mode", 0755);
        assertTrue(store.load().isPresent());
    }

    @Test
    void aDirectoryOfAnotherUserIsRefusedWithTheCommandThatMendsIt() throws Exception
    {
        store.compareAndSet(0, ring);
        String owner = Files.getOwner(directory).getName();
        giveAway(directory);

        assertKeptAndRefused("chown " + owner + " " + directory);
    }

    @Test
    void aMissingDirectoryIsRefusedWithTheCommandThatMakesIt()
    {
        Path missing = directory.resolve("missing");
        FileTicketKeyStore nowhere = new FileTicketKeyStore(missing.resolve("ring"));

        assertRefused("mkdir -m 700 " + missing, nowhere::load);
        assertRefused("mkdir -m 700 " + missing, () -> nowhere.compareAndSet(0, ring));
    }

    @Test
    void anythingButARegularFileIsRefused() throws Exception
    {
        Files.createDirectory(file);

        assertRefused("mv " + file + " " + file + ".old", store::load);
    }

    @Test
    void commandsQuoteNamesThatNeedIt() throws Exception
    {
        Path awkward = directory.resolve("it's a ring");
        FileTicketKeyStore named = new FileTicketKeyStore(awkward);
        named.compareAndSet(0, ring);
        Files.setPosixFilePermissions(awkward, mode("rw-rw-rw-"));

        assertRefused("chmod 600 '" + directory + "/it'\\''s a ring'", named::load);
    }

    @Test
    void aLinkIsFollowedAndWhatItLeadsToIsChecked() throws Exception
    {
        Path elsewhere = Files.createDirectory(scratch.toRealPath().resolve("elsewhere"));
        Files.setPosixFilePermissions(elsewhere, mode("rwx------"));
        Path target = elsewhere.resolve("target");
        new FileTicketKeyStore(target).compareAndSet(0, ring);
        Files.createSymbolicLink(file, target);

        assertTrue(store.compareAndSet(1, second));
        assertTrue(Files.isSymbolicLink(file));
        assertFalse(Files.isSymbolicLink(target));
        assertEquals(2, store.load().orElseThrow().version());

        Files.setPosixFilePermissions(target, mode("rw-r--r--"));
        assertRefused("chmod 600 " + target, store::load);
        Files.setPosixFilePermissions(target, mode("rw-------"));
        Files.setPosixFilePermissions(elsewhere, mode("rwxrwxrwx"));
        assertRefused("chmod go-w " + elsewhere, store::load);
        Files.setPosixFilePermissions(elsewhere, mode("rwx------"));
        Files.setPosixFilePermissions(directory, mode("rwxrwxrwx"));
        assertRefused("chmod go-w " + directory, store::load);
    }

    @Test
    void aLinkToNothingIsRefused() throws Exception
    {
        Files.createSymbolicLink(file, directory.resolve("missing"));

        assertRefused("rm " + file, store::load);
        assertRefused("rm " + file, () -> store.compareAndSet(0, ring));
    }

    @Test
    void aFileItCannotUseStaysByteByByte() throws Exception
    {
        store.compareAndSet(0, ring);
        byte[] good = Files.readAllBytes(file);
        byte[] damaged = good.clone();
        damaged[good.length / 2] ^= 1;
        byte[] later = new String(good, StandardCharsets.US_ASCII).replace("format 1", "format 2").getBytes(StandardCharsets.US_ASCII);
        Map<String, byte[]> unusable = Map.of(
            "its checksum is wrong", damaged,
            "it is cut short", Arrays.copyOf(good, good.length - 1),
            "it is empty", new byte[0],
            "written by another release", later,
            "does not begin with", new byte[]{1, 2, '\n'},
            "more than any ticket key ring", new byte[TicketKeyRingCodec.MAX_BYTES + 1]);
        for (Map.Entry<String, byte[]> entry : unusable.entrySet())
        {
            Files.write(file, entry.getValue());
            assertKeptAndRefused(entry.getKey());
            assertKeptAndRefused("mv " + file + " " + file + ".old");
            assertKeptAndRefused("every session needs one full handshake");
        }
    }

    @Test
    void anEncryptedFileNeedsItsPassphrase() throws Exception
    {
        FileTicketKeyStore right = new FileTicketKeyStore(file, CheapKeyFile.codec("correct horse"::toCharArray));
        right.compareAndSet(0, ring);
        assertEquals("file " + file + " (encrypted)", right.describe());
        assertTrue(ring.hasContentsOf(right.load().orElseThrow()));
        Secrets.assertNoneIn(Files.readString(file, StandardCharsets.US_ASCII), ring);

        FileTicketKeyStore wrong = new FileTicketKeyStore(file, "wrong horse"::toCharArray);
        byte[] before = Files.readAllBytes(file);
        assertRefused("the passphrase configured is not the one it was written with", wrong::load);
        assertRefused("set jetty.tlsResumption.ticketKeyPassphrase, or .ticketKeyPassphraseFile, to the passphrase it was written with",
            () -> wrong.compareAndSet(1, second));
        assertRefused("it is encrypted and no passphrase is configured", store::load);
        assertRefused("set jetty.tlsResumption.ticketKeyPassphrase", () -> store.compareAndSet(1, second));
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void aPlainFileIsNotTakenSilentlyOnceThereIsAPassphrase() throws Exception
    {
        store.compareAndSet(0, ring);
        byte[] before = Files.readAllBytes(file);
        FileTicketKeyStore encrypted = new FileTicketKeyStore(file, "correct horse"::toCharArray);

        assertRefused("to go on without encryption remove jetty.tlsResumption.ticketKeyPassphrase and .ticketKeyPassphraseFile; to "
            + "encrypt from now on, stop the servers and mv", encrypted::load);
        assertRefused("it is not encrypted although a passphrase is configured", () -> encrypted.compareAndSet(1, second));
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void theKeyIsDerivedOnceForTheLifeOfTheStoreAndAgainAfterClose() throws Exception
    {
        AtomicInteger derivations = new AtomicInteger();
        FileTicketKeyStore encrypted = new FileTicketKeyStore(file, CheapKeyFile.codec(() ->
        {
            derivations.incrementAndGet();
            return "correct horse".toCharArray();
        }));
        encrypted.compareAndSet(0, ring);
        encrypted.load();
        encrypted.compareAndSet(1, second);
        encrypted.load();
        assertEquals(1, derivations.get());

        encrypted.close();
        encrypted.load();
        assertEquals(2, derivations.get());
    }

    @Test
    void aPassphraseThatCannotBeHadIsNamed()
    {
        Path passphrase = directory.resolve("passphrase");
        FileTicketKeyStore encrypted = new FileTicketKeyStore(file, Passphrases.fromFile(passphrase));

        assertRefused("the passphrase file " + passphrase + " cannot be read", () -> encrypted.compareAndSet(0, ring));
        assertFalse(Files.exists(file));
    }

    @Test
    void theStampChangesWithTheFileItsContentsAndItsMode() throws Exception
    {
        List<String> stamps = new ArrayList<>();
        stamps.add(store.stamp());
        store.compareAndSet(0, ring);
        stamps.add(store.stamp());
        assertEquals(store.stamp(), store.stamp());
        store.compareAndSet(1, second);
        stamps.add(store.stamp());
        Files.setPosixFilePermissions(file, mode("rw-r--r--"));
        stamps.add(store.stamp());
        Files.write(file, new byte[]{1});
        stamps.add(store.stamp());
        Files.delete(file);

        assertEquals(stamps.size(), Set.copyOf(stamps).size(), stamps::toString);
        assertEquals(stamps.get(0), store.stamp());
        assertNotEquals("", store.stamp());
    }

    @Test
    void ofManyThreadsWithStoresOfTheirOwnOneWins() throws Exception
    {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try
        {
            List<Callable<Boolean>> writers = new ArrayList<>();
            for (int i = 0; i < 32; i++)
            {
                TicketKeyRing own = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), T0);
                writers.add(() -> new FileTicketKeyStore(file).compareAndSet(0, own));
            }
            int winners = 0;
            for (Future<Boolean> writer : threads.invokeAll(writers))
            {
                winners += writer.get() ? 1 : 0;
            }
            assertEquals(1, winners);
        }
        finally
        {
            threads.shutdownNow();
        }
    }

    private interface Call
    {
        Object make() throws Exception;
    }

    private void assertKeptAndRefused(String why) throws IOException
    {
        byte[] before = Files.readAllBytes(file);
        assertRefused(why, store::load);
        assertRefused(why, () -> store.compareAndSet(1, second));
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    private void assertRefused(String why, Call call)
    {
        TicketKeyStoreException refusal = assertThrows(TicketKeyStoreException.class, call::make);
        assertEquals(Kind.REFUSED, refusal.kind(), refusal::getMessage);
        assertTrue(refusal.getMessage().contains(why), refusal::getMessage);
        Secrets.assertNoneIn(refusal.getMessage(), second);
        assertFalse(refusal.getMessage().contains("horse"), refusal::getMessage);
    }

    /*
     * Only root may do this.
     */
    private static void giveAway(Path path) throws IOException
    {
        assumeTrue(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0));
        Files.setAttribute(path, "unix:uid", 12_345);
    }

    private static Set<PosixFilePermission> mode(String permissions)
    {
        return PosixFilePermissions.fromString(permissions);
    }
}
