package io.github.tlsresumption.openssl;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Which libraries are taken.
 */
class LibraryTest
{
    @ParameterizedTest
    @ValueSource(strings = {"OpenSSL 3.0.19 27 Jan 2026", "OpenSSL 3.5.0 8 Apr 2025 (Library: OpenSSL 3.5.0 8 Apr 2025)",
        "OpenSSL 3.1.4+quic 24 Oct 2023", "OpenSSL 4.0.0-dev "})
    void openSslIsTakenFromThreeOn(String version)
    {
        assertTrue(OpenSsl.is(version));
    }

    @ParameterizedTest
    @ValueSource(strings = {"OpenSSL 1.1.1w  11 Sep 2023", "OpenSSL 1.0.2zh", "LibreSSL 3.8.2", "BoringSSL",
        "OpenSSL 1.1.1 (compatible; AWS-LC 5.5.0)", ""})
    void othersAreNot(String version)
    {
        assertFalse(OpenSsl.is(version));
    }

    @Test
    void theSystemsOpenSslIsTheDefault()
    {
        assertEquals(new LibraryChoice("openssl", ""), new LibraryChoice(" ", " "));
    }

    @Test
    @EnabledIf("io.github.tlsresumption.openssl.Library#systemHasOpenSsl")
    void theSystemsOpenSslIsFoundByItsNameAndToldByItsFile()
    {
        String description = new LibraryChoice("", "").load().description();
        assertTrue(description.matches("OpenSSL 3\\..* \\(/.*/libssl\\.so\\.3.*, build [0-9a-f]{8}\\)"), description);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/no/libssl.so | there is no such file",
        "aws-lc        | there is no such file",
        "/etc/hostname | cannot load"})
    void aLibraryThatIsNotThereIsNamed(String library, String told)
    {
        String message = assertThrows(TlsLibraryException.class, () -> new LibraryChoice(library, "").load()).getMessage();
        assertAll(
            () -> assertTrue(message.contains(library), message),
            () -> assertTrue(message.contains(told), message));
    }

    @Test
    void aFileIsKnownByAnAddress()
    {
        List<String> maps = List.of(
            "7f1000000000-7f1000002000 r--p 00000000 fe:00 17                         /usr/lib/libcrypto.so.3",
            "7f1000002000-7f1000009000 r-xp 00002000 fe:00 18                         /usr/lib/a b/libssl.so.3",
            "7f1000009000-7f100000a000 rw-p 00000000 00:00 0 ",
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");
        assertEquals(Optional.of(Path.of("/usr/lib/a b/libssl.so.3")), MappedFiles.find(maps, 0x7f1000002000L));
        assertEquals(Optional.empty(), MappedFiles.find(maps, 0x7f1000009000L));
        assertEquals(Optional.empty(), MappedFiles.find(maps, 0xffffffffff600000L));
    }

    @Test
    @EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
    void itPassesTheSelfTest()
    {
        assertEquals(Optional.empty(), new SelfTest(Library.load().lib()).fault());
    }

    /** An update of the system does not end all sessions. */
    @Test
    @EnabledIf("io.github.tlsresumption.openssl.Library#sealsTickets")
    void theFormatOfStatesNamesFamilyAndVersion()
    {
        String format = Library.load().stateFormat();
        assertTrue(format.matches("OpenSSL \\d+\\.\\d+, .*"), format);
    }
}
