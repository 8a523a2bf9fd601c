package io.github.tlsresumption.openssl;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What is read of a ClientHello, and what of a malformed one.
 */
class ClientHelloTest
{
    private static final String HEAD = "0303" + "00".repeat(32) + "00" + "0004c02b1301" + "0100";

    private static ClientHello parse(String extensions)
    {
        int length = extensions.length() / 2;
        return ClientHello.parse(HexFormat.of().parseHex(HEAD + HexFormat.of().toHexDigits((short)length) + extensions));
    }

    @Test
    void readsWhatIsThere()
    {
        ClientHello hello = parse("00000006000400000161" + "000d000600040403" + "0804" + "002b0003020304" + "00170000" + "002a0000");
        assertTrue(hello.offersSuite(0xC02B) && hello.offersSuite(0x1301));
        assertFalse(hello.offersSuite(0xC02C));
        assertEquals("a", hello.serverName().map(name -> new String(name, StandardCharsets.US_ASCII)).orElseThrow());
        assertArrayEquals(new int[]{0x0403, 0x0804}, hello.signatureSchemes());
        assertTrue(hello.offers(Supported.TLS13));
        assertFalse(hello.offers(Supported.TLS12));
        assertTrue(hello.extendedMasterSecret());
        assertTrue(hello.earlyData());
    }

    @Test
    void withoutExtensions()
    {
        ClientHello hello = ClientHello.parse(HexFormat.of().parseHex(HEAD));
        assertEquals(Optional.empty(), hello.serverName());
        assertArrayEquals(new int[0], hello.signatureSchemes());
        assertFalse(hello.offers(Supported.TLS13));
        assertTrue(hello.offers(Supported.TLS12));
        assertFalse(hello.earlyData());
    }

    @Test
    void ofAMalformedExtensionNothingIsRead()
    {
        assertEquals(Optional.empty(), parse("000000060004000009" + "61").serverName());
        assertEquals(Optional.empty(), parse("00000001" + "00").serverName());
        assertEquals(Optional.empty(), parse("000000060004010001" + "61").serverName());
        assertArrayEquals(new int[0], parse("000d0003" + "000903").signatureSchemes());
        assertFalse(parse("002b0001" + "09").offers(Supported.TLS13));
    }

    @Test
    void aTornOneIsRefused()
    {
        byte[] whole = HexFormat.of().parseHex(HEAD + "0004" + "00170000");
        ClientHello.parse(whole);
        for (int length = 0; length < whole.length; length++)
        {
            byte[] torn = Arrays.copyOf(whole, length);
            if (length != HEAD.length() / 2)
            {
                assertThrows(IllegalArgumentException.class, () -> ClientHello.parse(torn));
            }
        }
    }
}
