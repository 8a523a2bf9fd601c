package io.github.tlsresumption.ticket;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class HostNameTest
{
    @ParameterizedTest
    @CsvSource({
        "www.example.com, www.example.com",
        "WWW.Example.COM, www.example.com",
        "\uff57\uff57\uff57.example.com, www.example.com",
        "\uff37\uff37\uff37\uff0e\uff25xample.com, www.example.com",
        "www\u3002example\uff61com, www.example.com",
        "b\u00fccher.example, xn--bcher-kva.example",
        "B\u00dcCHER.example, xn--bcher-kva.example",
        "bu\u0308cher.example, xn--bcher-kva.example",
        "XN--BCHER-KVA.Example, xn--bcher-kva.example",
        "w\u00adww.example.com, www.example.com"
    })
    void everySpellingOfAHostIsOneName(String spelling, String name)
    {
        assertEquals(name, HostName.of(spelling));
        assertEquals(name, HostName.of(spelling.getBytes(StandardCharsets.UTF_8)));
        assertEquals(name, HostName.of(HostName.of(spelling)));
    }

    /**
     * SunJSSE ends these handshakes, so no such name is ever that of a session.
     */
    @ParameterizedTest
    @ValueSource(strings = {"www.example.com.", "www.example.com\u3002", "a..b", "a_b.example", "a b", "*.example.com"})
    void whatNoClientHelloCanNameIsNoName(String spelling)
    {
        assertThrows(IllegalArgumentException.class, () -> HostName.of(spelling.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void bytesThatAreNotUtf8AreNoName()
    {
        assertThrows(IllegalArgumentException.class, () -> HostName.of(new byte[]{'a', (byte)0xFC, 'b'}));
    }

    @Test
    void aTextThatIsNoNameIsOnlyPutInLowerCase()
    {
        assertEquals("a_b.example", HostName.of("A_b.example"));
    }
}
