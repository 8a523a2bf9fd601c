package io.github.tlsresumption.cli;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/**
 * Which host and port are meant, and which name a certificate is for.
 */
class NodeTest
{
    @ParameterizedTest
    @CsvSource({"a.test, a.test, 443", "a.test:8443, a.test, 8443", "192.0.2.1:1, 192.0.2.1, 1", "[2001:db8::1]:9, 2001:db8::1, 9",
        "[::1], ::1, 443"})
    void readsHostAndPort(String text, String host, int port)
    {
        Node node = Node.parse(text);

        assertEquals(host, node.host());
        assertEquals(port, node.port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a.test:", "a.test:0", "a.test:65536", "::1", "https://a.test"})
    void refusesWhatIsNeither(String text)
    {
        assertThrows(IllegalArgumentException.class, () -> Node.parse(text));
    }

    @Test
    void anAddressIsNoServerName()
    {
        assertEquals(Optional.empty(), Node.parse("192.0.2.1:443").serverName());
        assertEquals(Optional.empty(), Node.parse("[::1]:443").serverName());
        assertEquals(Optional.of("xn--bcher-kva.test"), Node.parse("b\u00fccher.test").serverName());
    }

    @ParameterizedTest
    @CsvSource({"a.test, A.test, true", "*.a.test, x.a.test, true", "*.a.test, a.test, false", "*.a.test, x.y.a.test, false",
        "a.test, b.test, false", "*.test, test, false"})
    void aWildcardStandsForOneLabel(String pattern, String name, boolean matches)
    {
        assertEquals(matches, ServerTrust.matches(pattern, name));
    }
}
