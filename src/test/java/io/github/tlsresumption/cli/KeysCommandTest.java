package io.github.tlsresumption.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.keys.CheapKeyFile;
import io.github.tlsresumption.keys.FileTicketKeyStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * {@code keys} on real files.
 */
class KeysCommandTest
{
    @TempDir
    private Path directory;

    private String file;
    private String passphrase;

    @BeforeEach
    void name() throws IOException
    {
        file = directory.resolve("ticket.keys").toString();
        passphrase = Files.writeString(directory.resolve("passphrase"), "correct horse\n").toString();
    }

    @Test
    void initMakesAKeyThatSealsAndListShowsIt()
    {
        assertEquals(0, keys("init", file, "--seal-period", "7200", "--lifetime", "3600").exit());

        Map<String, Object> json = keys("list", file, "--json").json();
        Map<String, Object> key = listed(json).get(0);
        assertAll(
            () -> assertEquals(1, listed(json).size(), json::toString),
            () -> assertEquals("sealing", key.get("state"), json::toString),
            () -> assertEquals(Duration.ofHours(2), between(key, "sealsFrom", "sealsUntil"), json::toString),
            () -> assertEquals(Duration.ofHours(1), between(key, "sealsUntil", "opensUntil"), json::toString),
            () -> assertTrue(keys("list", file).out().contains((String)key.get("id"))));
    }

    @Test
    void rotateKeepsTheTimesOfTheNewestKey()
    {
        keys("init", file, "--seal-period", "7200", "--lifetime", "3600");
        CommandRun rotated = keys("rotate", file, "--json");

        List<Map<String, Object>> all = listed(rotated.json());
        assertAll(
            () -> assertEquals(0, rotated.exit(), rotated::err),
            () -> assertEquals(List.of("sealing", "published"), all.stream().map(key -> key.get("state")).toList()),
            () -> assertEquals(Duration.ofHours(2), between(all.get(1), "sealsFrom", "sealsUntil")),
            () -> assertEquals(all.get(0).get("sealsUntil"), all.get(1).get("sealsFrom")),
            () -> assertEquals(ids(keys("list", file, "--json")), ids(rotated)));
    }

    @Test
    void dropAsksAndLeavesNoOldKey()
    {
        String old = ids(keys("init", file, "--json")).iterator().next();
        CommandRun unconfirmed = keys("drop", file);
        assertEquals(Set.of(old), ids(keys("list", file, "--json")));
        CommandRun dropped = keys("drop", file, "--yes", "--json");

        assertAll(
            () -> assertEquals(3, unconfirmed.exit(), unconfirmed::err),
            () -> assertEquals(0, dropped.exit(), dropped::err),
            () -> assertFalse(ids(dropped).contains(old), dropped::out),
            () -> assertEquals(1, ids(dropped).size(), dropped::out),
            () -> assertEquals(List.of(old), Arrays.asList((Object[])dropped.json().get("dropped"))));
    }

    @Test
    void exportAndImportKeepTheKeysUnderAnotherPassphrase() throws Exception
    {
        Set<String> ids = ids(keys("init", file, "--json"));
        String copy = directory.resolve("copy.keys").toString();
        String back = directory.resolve("back.keys").toString();

        assertEquals(0, keys("export", file, "--to", copy, "--other-passphrase-file", passphrase).exit());
        assertEquals(ids, ids(keys("list", copy, "--passphrase-file", passphrase, "--json")));
        assertEquals(3, keys("list", copy).exit());
        assertEquals(3, keys("export", file, "--to", copy, "--other-not-encrypted").exit());

        // The same, as whose key takes less to derive.
        Files.delete(Path.of(copy));
        CheapKeyFile.write(Path.of(copy), "correct horse", new FileTicketKeyStore(Path.of(file)).load().orElseThrow());
        assertEquals(0, keys("import", back, "--from", copy, "--other-passphrase-file", passphrase).exit());
        assertEquals(ids, ids(keys("list", back, "--json")));

        keys("rotate", copy, "--passphrase-file", passphrase);
        assertEquals(0, keys("import", back, "--from", copy, "--other-passphrase-file", passphrase).exit());
        assertEquals(2, ids(keys("list", back, "--json")).size());
        keys("drop", back, "--yes");
        CommandRun older = keys("import", back, "--from", copy, "--other-passphrase-file", passphrase);
        assertEquals(3, older.exit());
        assertTrue(older.err().contains("nothing was imported"), older::err);
    }

    @ParameterizedTest
    @ValueSource(ints = {48, 80})
    void keysOfOpenSslServersAreRefusedAndItIsSaidWhy(int size) throws IOException
    {
        Path foreign = Files.write(directory.resolve("nginx.key"), new byte[size]);
        CommandRun refused = keys("import", file, "--from", foreign.toString(), "--other-not-encrypted");

        assertAll(
            () -> assertEquals(3, refused.exit(), refused::err),
            () -> assertTrue(refused.err().contains("OpenSSL"), refused::err),
            () -> assertFalse(Files.exists(Path.of(file))));
    }

    @Test
    void secretsAreNeverPrinted() throws IOException
    {
        StringBuilder printed = new StringBuilder();
        for (String command : List.of("init", "list", "rotate", "list --json", "drop --yes"))
        {
            String[] words = command.split(" ");
            String[] arguments = new String[words.length + 1];
            arguments[0] = words[0];
            arguments[1] = file;
            System.arraycopy(words, 1, arguments, 2, words.length - 1);
            CommandRun run = keys(arguments);
            printed.append(run.out()).append(run.err());
            for (String word : Files.readString(Path.of(file)).split("[^0-9a-fA-F+/=]+"))
            {
                if (word.length() >= 32)
                {
                    assertFalse(printed.toString().contains(word), command);
                }
            }
        }
    }

    @Test
    void theFilesGuardsHold() throws IOException
    {
        keys("init", file);
        byte[] before = Files.readAllBytes(Path.of(file));
        Files.setPosixFilePermissions(Path.of(file), PosixFilePermissions.fromString("rw-r--r--"));
        CommandRun open = keys("rotate", file);
        Files.setPosixFilePermissions(Path.of(file), PosixFilePermissions.fromString("rw-------"));

        assertAll(
            () -> assertEquals(3, open.exit()),
            () -> assertTrue(open.err().contains("chmod"), open::err),
            () -> assertArrayEquals(before, Files.readAllBytes(Path.of(file))),
            () -> assertEquals(3, keys("init", file).exit()),
            () -> assertEquals(3, keys("list", directory.resolve("none").toString()).exit()),
            () -> assertEquals(2, keys("list").exit()),
            () -> assertEquals(2, keys("rotate", file, "--lead", "0").exit()));
    }

    /**
     * Root would make keys that the server of that user does not find, or be told to take the directory away from it.
     */
    @ParameterizedTest
    @ValueSource(strings = {"init FILE", "import FILE --from OWN --other-not-encrypted", "export OWN --to FILE --other-not-encrypted",
        "list FILE", "rotate FILE", "drop FILE --yes", "import NEW --from FILE --other-not-encrypted", "init DEEPER"})
    void rootIsToldToBeTheUserToWhomTheDirectoryBelongs(String command) throws IOException
    {
        assumeTrue(Files.getAttribute(directory, "unix:uid").equals(0), "only root gives files away");
        keys("init", file);
        Path volume = Files.createDirectory(directory.resolve("volume of jetty"));
        Path there = volume.resolve("ring");
        if (command.contains("--from FILE"))
        {
            Files.copy(Path.of(file), there);
        }
        Files.setAttribute(volume, "unix:uid", 54_321);
        String[] words = command.split(" ");
        for (int i = 0; i < words.length; i++)
        {
            words[i] = switch (words[i])
            {
                case "FILE" -> there.toString();
                case "DEEPER" -> volume.resolve("new/ring").toString();
                case "OWN" -> file;
                case "NEW" -> directory.resolve("copy").toString();
                default -> words[i];
            };
        }
        CommandRun refused = keys(words);

        assertEquals(3, refused.exit(), refused::out);
        assertTrue(refused.err().startsWith(volume + " belongs to another user, whose server finds no file of root's: sudo -u '#54321' "),
            refused::err);
        assertTrue(refused.err().contains(" keys " + words[0] + " "), refused::err);
        assertTrue(refused.err().contains(" '" + volume + "/"), refused::err);
        try (Stream<Path> files = Files.list(volume))
        {
            assertEquals(command.contains("--from FILE") ? List.of(there) : List.of(), files.toList());
        }
    }

    @Test
    void whoGetsADirectoryOfItsOwnIsToldWhere() throws IOException
    {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        CommandRun made = keys("init", open.resolve("ring").toString());
        String own = open.resolve("ring.of-" + Files.getAttribute(open, "unix:uid")) + "/ring";
        assertEquals(0, made.exit(), made::err);
        assertTrue(made.err().contains("the key file is " + own + ", where only a server of the same user finds it"), made::err);
        assertTrue(made.out().startsWith("file " + own), made::out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"KEY-FILE init PLACE", "KEY-FILE import PLACE --from OWN --other-not-encrypted",
        "--to export OWN --to PLACE --other-not-encrypted"})
    void aPlaceThatCannotBeIsThatOfItsArgument(String expected) throws IOException
    {
        keys("init", file);
        Path noDirectory = Files.writeString(directory.resolve("text"), "");
        String[] words = expected.replace("PLACE", noDirectory + "/ring").replace("OWN", file).split(" ");
        CommandRun refused = keys(Arrays.copyOfRange(words, 1, words.length));
        assertEquals(3, refused.exit(), refused::out);
        assertEquals(words[0] + " is " + noDirectory + "/ring, but " + noDirectory + " cannot be used (it is no directory): name a file in "
            + "another directory", refused.err().strip());
    }

    private static CommandRun keys(String... arguments)
    {
        String[] all = new String[arguments.length + 1];
        all[0] = "keys";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return CommandRun.of(all);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> listed(Map<String, Object> json)
    {
        return Arrays.stream((Object[])json.get("keys")).map(key -> (Map<String, Object>)key).toList();
    }

    private static Set<String> ids(CommandRun run)
    {
        assertEquals(0, run.exit(), run::err);
        return listed(run.json()).stream().map(key -> (String)key.get("id")).collect(Collectors.toSet());
    }

    private static Duration between(Map<String, Object> key, String from, String until)
    {
        return Duration.between(Instant.parse((String)key.get(from)), Instant.parse((String)key.get(until)));
    }
}
