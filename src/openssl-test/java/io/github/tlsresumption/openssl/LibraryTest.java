package io.github.tlsresumption.openssl;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
