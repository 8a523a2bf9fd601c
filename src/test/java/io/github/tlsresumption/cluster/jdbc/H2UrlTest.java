package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import io.github.tlsresumption.Exhaustive;
import io.github.tlsresumption.files.ProcessUser;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * An H2 is nobody's but its owner's: it has a password, listens nowhere, and its files cannot be read.
 */
@Exhaustive
class H2UrlTest
{
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private static final String PASSWORD = "hush-4711";
    private static final int LATER = 12_345;

    @TempDir
    private Path scratch;
    private Path directory;
    private String url;

    @BeforeEach
    void choose() throws IOException
    {
        directory = scratch.toRealPath().resolve("db");
        url = "jdbc:h2:file:" + directory + "/stores";
    }

    /**
     * A node that tried again would do so for ever.
     */
    @Test
    void whoHasNoRightsIsRefusedAndToldWhichAreNeeded() throws Exception
    {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        makeGuest(url).close();
        Files.setPosixFilePermissions(directory.resolve("stores.mv.db"), PosixFilePermissions.fromString("rw-------"));
        assertRefused(url, "jetty.tlsResumption.jdbc.user is no administrator of " + url + ", as whoever opens a file of H2 must be (Admin "
            + "rights are required for this operation; SQL statement:\nSET TRACE_LEVEL_FILE 0 [90040-252]): set its administrator, or "
            + "ALTER USER ... ADMIN TRUE");
        String memory = "jdbc:h2:mem:" + directory.hashCode();
        try (Connection kept = makeGuest(memory + ";DB_CLOSE_DELAY=-1"))
        {
            assertTrue(kept.isValid(1));
            assertRefused(memory, "jetty.tlsResumption.jdbc.user may not use the tables tls_resumption_* of " + memory + " (Not enough "
                + "rights for object \"PUBLIC\"; SQL statement:\nCREATE TABLE IF NOT EXISTS tls_resumption_ring (id INT PRIMARY KEY, "
                + "ring_version BIGINT NOT NULL, ring VARBINARY(1000000) NOT NULL) [90096-252]): grant CREATE to that user, or make the "
                + "tables, and grant SELECT, INSERT, UPDATE and DELETE");
        }
    }

    private static Connection makeGuest(String url) throws Exception
    {
        Connection administrator = DriverManager.getConnection(url, "jetty", PASSWORD);
        try (Statement statement = administrator.createStatement())
        {
            statement.execute("CREATE USER guest PASSWORD '" + PASSWORD + "'");
        }
        return administrator;
    }

    private static void assertRefused(String url, String message)
    {
        try (JdbcStores stores = new JdbcStores(url, "guest", PASSWORD, PASSWORD::toCharArray, JdbcOptions.DEFAULT))
        {
            TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, () -> stores.requireAccess(true));
            assertEquals(TicketKeyStoreException.Kind.REFUSED, refused.kind());
            assertEquals(message, refused.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "jdbc:h2:file:/x/y;AUTO_SERVER=TRUE             | secret | AUTO_SERVER",
        "jdbc:h2:file:/x/y;auto_server=true             | secret | AUTO_SERVER",
        "jdbc:h2:file:/x/y;MODE=MySQL; Auto_Server = 1  | secret | AUTO_SERVER",
        "jdbc:h2:/x/y;AUTO_SERVER=TRUE;PASSWORD=secret  |        | AUTO_SERVER",
        "jdbc:h2:~/y;AUTO_SERVER                        | secret | AUTO_SERVER",
        "jdbc:h2:file:/x/y                              |        | jetty.tlsResumption.jdbc.password",
        "jdbc:h2:file:/x/y;PASSWORD=                    |        | jetty.tlsResumption.jdbc.password",
        "jdbc:h2:./y                                    |        | jetty.tlsResumption.jdbc.password",
        "jdbc:h2:tcp://db/y                             |        | jetty.tlsResumption.jdbc.password",
        "jdbc:h2:ssl://db/y                             |        | jetty.tlsResumption.jdbc.password",
        "jdbc:h2:split:/x/y                             | secret | known to be safe",
        "jdbc:h2:nioMapped:/x/y                         | secret | known to be safe",
        "jdbc:h2:zip:/x/y.zip!/z                        | secret | known to be safe"})
    void whatWouldBeOpenToOthersIsRefusedWithTheSettingAndTheMend(String refused, String password, String mend)
    {
        String message = assertThrows(IllegalArgumentException.class, () -> stores(refused, password)).getMessage();
        assertTrue(message.contains(mend), message);
        assertTrue(message.contains("jetty.tlsResumption.jdbc."), message);
        assertFalse(message.contains("secret"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:mem:x", "jdbc:h2:file:/x/y;AUTO_SERVER=FALSE;PASSWORD=secret", "jdbc:h2:tcp://db/y;password=secret"})
    void whatIsNotOpenIsTaken(String taken)
    {
        stores(taken, "").close();
    }

    @Test
    void directoryAndFilesAreTheirOwnersAloneAndTheDatabaseIsThereAgain() throws Exception
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), NOW);
        try (JdbcStores stores = stores(url, PASSWORD))
        {
            assertFalse(Files.exists(directory), "nothing is made before it is used");
            assertTrue(stores.ticketKeyStore().compareAndSet(0, ring));
            assertEquals("rwx------", mode(directory));
            assertOwnersAlone();
        }
        assertOwnersAlone();
        try (JdbcStores stores = stores(url, PASSWORD))
        {
            assertEquals(ring.version(), stores.ticketKeyStore().load().orElseThrow().version());
        }
        assertOwnersAlone();
    }

    /**
     * As a server is that starts as root and becomes another user: that user reaches the file by all the directories above it.
     */
    @Test
    void allDirectoriesThatAreMadeBelongToTheLaterUser() throws Exception
    {
        assumeTrue(Files.getAttribute(scratch, "unix:uid").equals(0), "only root gives files away");
        Path first = directory.resolve("first");
        Path second = first.resolve("second");
        ProcessUser.becomes(Optional.of(new ProcessUser.Successor(LATER, LATER)));
        try
        {
            H2Url.parse("jdbc:h2:file:" + second + "/stores", PASSWORD).guardFiles();
        }
        finally
        {
            ProcessUser.becomes(Optional.empty());
        }
        for (Path made : List.of(directory, first, second, second.resolve("stores.mv.db")))
        {
            assertEquals(LATER, Files.getAttribute(made, "unix:uid"), made::toString);
        }
        assertEquals("rwx------", mode(directory));
    }

    @Test
    void whatFailsLeavesNoTraceInAFile() throws Exception
    {
        try (JdbcStores stores = stores(url, PASSWORD))
        {
            stores.ticketKeyStore().load();
        }
        try (JdbcStores stranger = stores(url, "another"))
        {
            assertThrows(Exception.class, stranger.ticketKeyStore()::load);
        }
        assertOwnersAlone();
    }

    @Test
    void filesThatOthersMayTouchAreRefusedWithTheCommandThatMendsIt() throws Exception
    {
        try (JdbcStores stores = stores(url, PASSWORD))
        {
            stores.ticketKeyStore().load();
        }
        Path data = directory.resolve("stores.mv.db");
        for (String open : new String[]{"rwxr-xr-x", "rwx--x---", "rwx-----x"})
        {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(open));
            assertRefused("chmod 700 " + directory);
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rw-r--r--"));
        assertRefused("chmod 600 " + data);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rw-------"));
        try (JdbcStores stores = stores(url, PASSWORD))
        {
            assertTrue(stores.ticketKeyStore().load().isEmpty());
        }
    }

    private void assertRefused(String mend)
    {
        try (JdbcStores stores = stores(url, PASSWORD))
        {
            String message = assertThrows(IllegalStateException.class, stores::ticketKeyStore).getMessage();
            assertTrue(message.contains(mend), message);
        }
    }

    private void assertOwnersAlone() throws IOException
    {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.list(directory))
        {
            for (Path file : files.toList())
            {
                found.add(mode(file) + " " + file.getFileName());
            }
        }
        assertEquals(Set.of("rw------- stores.mv.db"), found);
    }

    private static String mode(Path path) throws IOException
    {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static JdbcStores stores(String url, String password)
    {
        return new JdbcStores(url, "jetty", password, "a passphrase"::toCharArray, new JdbcOptions("t_", 3, Duration.ofSeconds(1)));
    }
}
