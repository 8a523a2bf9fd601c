package io.github.tlsresumption.crypto;

import java.util.HexFormat;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * That no two lists of values share a digest.
 */
class DigestsTest
{
    @Test
    void putsTheLengthBeforeTheLabelAndEachPart()
    {
        // SHA-256 of 00000003 616263 00000000 00000001 ff, computed with another implementation.
        assertEquals("bf3099d93d471a739271dbb5378b175e010038d4519074786cc02af3288c4866", digest("abc", "", "ff"));
    }

    @Test
    void tellsPartsFromOneAnother()
    {
        assertFalse(digest("a", "0102", "03").equals(digest("a", "01", "0203")));
        assertFalse(digest("a", "01", "").equals(digest("a", "01")));
        assertFalse(digest("a", "", "01").equals(digest("a", "01", "")));
        assertFalse(digest("a", "62").equals(digest("ab")));
        assertFalse(digest("a", "01").equals(digest("b", "01")));
    }

    @Test
    void takesAFingerprintOfTheBytesAlone()
    {
        // FIPS 180-4, the example "abc".
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            HexFormat.of().formatHex(Digests.fingerprint(new byte[]{'a', 'b', 'c'})));
    }

    @Test
    void shortensToTheFirst64Bits()
    {
        String digest = digest("a", "01");
        assertEquals(digest.substring(0, 16), HexFormat.of().toHexDigits(Digests.sha256ToLong("a", new byte[]{1})));
    }

    @Test
    void comparesContentAndLength()
    {
        assertTrue(Digests.equal(new byte[]{1, 2}, new byte[]{1, 2}));
        assertFalse(Digests.equal(new byte[]{1, 2}, new byte[]{1, 3}));
        assertFalse(Digests.equal(new byte[]{1, 2}, new byte[]{1, 2, 0}));
    }

    private static String digest(String label, String... parts)
    {
        byte[][] bytes = new byte[parts.length][];
        for (int i = 0; i < parts.length; i++)
        {
            bytes[i] = HexFormat.of().parseHex(parts[i]);
        }
        return HexFormat.of().formatHex(Digests.sha256(label, bytes));
    }
}
