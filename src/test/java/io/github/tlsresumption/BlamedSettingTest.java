package io.github.tlsresumption;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import io.github.tlsresumption.keys.CheapKeyFile;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The line of a refused start is about the setting that the operator has to change.
 */
class BlamedSettingTest extends FactoryTestBase
{
    private static final String LINE = "tls-resumption refuses to start: jetty.tlsResumption.";

    private Path keys;
    private Path list;

    @BeforeEach
    void place()
    {
        keys = directory.resolve("keys");
        list = directory.resolve("forgotten");
    }

    private ResumptionSslContextFactory withForgetLog(String store) throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setForgetLogFile(list.toString());
        switch (store)
        {
            case "secret" ->
            {
                CheapKeyFile.write(keys);
                factory.setTicketKeyFile(keys.toString());
                factory.setTicketKeyStoreType("secret");
            }
            case "given" -> factory.setTicketKeyStore(new MemoryTicketKeyStore());
            default -> factory.setTicketKeyFile(keys.toString());
        }
        return factory;
    }

    private static String refusal(ResumptionSslContextFactory factory)
    {
        try (CaughtLog log = new CaughtLog())
        {
            assertThrows(Exception.class, factory::start);
            List<String> lines = log.warnings().stream().filter(line -> line.contains("refuses to start")).toList();
            assertEquals(1, lines.size(), lines::toString);
            return lines.get(0).substring(lines.get(0).indexOf("tls-resumption refuses"));
        }
    }

    private static void open(Path file, String mode) throws Exception
    {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "secret", "given"})
    void aForgetListThatIsOpenToOthersIsThatOfItsSetting(String store) throws Exception
    {
        ResumptionSslContextFactory factory = withForgetLog(store);
        open(Files.writeString(list, ""), "rw-r--r--");
        assertEquals(LINE + "forgetLogFile: the forget list " + list + " is open to others than its owner (mode 644), who may have changed "
            + "it; chmod 600 " + list, refusal(factory));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "secret", "given"})
    void anotherFileInItsPlaceIsThatOfItsSetting(String store) throws Exception
    {
        ResumptionSslContextFactory factory = withForgetLog(store);
        open(Files.writeString(list, "a shopping list\n"), "rw-------");
        assertEquals(LINE + "forgetLogFile: the forget list " + list + " cannot be used, and is kept as it is: it is another file, or its "
            + "beginning is lost; mv " + list + " " + list + ".old (it is made anew; every session then needs one full handshake)",
            refusal(factory));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "secret", "given"})
    void aFileInPlaceOfItsDirectoryIsThatOfItsSetting(String store) throws Exception
    {
        ResumptionSslContextFactory factory = withForgetLog(store);
        Path file = Files.writeString(directory.resolve("file"), "");
        factory.setForgetLogFile(file.resolve("forgotten").toString());
        String line = refusal(factory);
        assertTrue(line.startsWith(LINE + "forgetLogFile: is " + file + "/forgotten, but " + file + " cannot be used (it is no directory); "
            + "remove the setting"), line);
    }

    @Test
    void theFileThatTellsItFromOthersIsThatOfItsSetting() throws Exception
    {
        ResumptionSslContextFactory factory = withForgetLog("secret");
        Path id = Files.createDirectory(directory.resolve("forgotten.id"));
        assertEquals(LINE + "forgetLogFile: the file that tells this forget list from others " + id + " is not a regular file; mv " + id
            + " " + id + ".old", refusal(factory));
    }

    @Test
    void aDirectoryOfItsOwnThatOthersMayChangeIsThatOfItsSetting() throws Exception
    {
        ResumptionSslContextFactory factory = withForgetLog("file");
        Path volume = Files.createDirectory(directory.resolve("volume"));
        open(volume, "rwxrwxrwx");
        Path own = Files.createDirectory(volume.resolve("forgotten.of-" + Files.getAttribute(volume, "unix:uid")));
        open(own, "rwxrwxrwx");
        factory.setForgetLogFile(volume.resolve("forgotten").toString());
        String line = refusal(factory);
        assertTrue(line.startsWith(LINE + "forgetLogFile: " + own + " is open to others than its owner (mode 777)"), line);
    }

    @Test
    void theListBesideTheKeysIsThatOfTheirFile() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(keys.toString());
        Path beside = Files.writeString(directory.resolve("keys.forgotten"), "");
        open(beside, "rw-r--r--");
        assertEquals(LINE + "ticketKeyFile: the forget list beside the ticket keys " + beside + " is open to others than its owner "
            + "(mode 644), who may have changed it; chmod 600 " + beside, refusal(factory));
    }

    /**
     * And not that of what the nodes share besides.
     */
    @Test
    void anOldSecretIsThatOfItsFile() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(directory.resolve("none").toString());
        factory.setTicketKeyStoreType("secret");
        factory.setSharedStores(sharedStores());
        String line = refusal(factory);
        assertTrue(line.startsWith(LINE + "ticketKeyFile: the file " + directory.resolve("none") + " is missing; "), line);
        Files.createDirectory(directory.resolve("made"));
        factory.setTicketKeyFile(directory.resolve("made").toString());
        line = refusal(factory);
        assertTrue(line.startsWith(LINE + "ticketKeyFile: the file " + directory.resolve("made") + " is not a regular file"), line);
    }
}
