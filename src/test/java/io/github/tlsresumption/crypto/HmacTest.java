package io.github.tlsresumption.crypto;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class HmacTest
{
    private static final byte[] VALUE = {1, 2, 3};

    private static void assertHmac(String expected, byte[] key, byte[] message)
    {
        assertEquals(expected, HexFormat.of().formatHex(Hmac.sha256(key, message)));
    }

    @Test
    void givesTheVectorsOfRfc4231()
    {
        assertHmac("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            HexFormat.of().parseHex("0b".repeat(20)), "Hi There".getBytes(StandardCharsets.US_ASCII));
        assertHmac("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "Jefe".getBytes(StandardCharsets.US_ASCII), "what do ya want for nothing?".getBytes(StandardCharsets.US_ASCII));
        assertHmac("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            HexFormat.of().parseHex("aa".repeat(20)), HexFormat.of().parseHex("dd".repeat(50)));
        assertHmac("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            HexFormat.of().parseHex("aa".repeat(131)),
            "Test Using Larger Than Block-Size Key - Hash Key First".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void dependsOnKeyLabelAndValue()
    {
        byte[] key = Random.bytes(32);
        long hash = Hmac.sha256ToLong(key, "label", VALUE);
        assertEquals(hash, Hmac.sha256ToLong(key.clone(), "label", VALUE.clone()));
        assertNotEquals(hash, Hmac.sha256ToLong(Random.bytes(32), "label", VALUE));
        assertNotEquals(hash, Hmac.sha256ToLong(key, "label2", VALUE));
        assertNotEquals(hash, Hmac.sha256ToLong(key, "label", new byte[]{1, 2}));
    }

    @Test
    void needsAKey()
    {
        assertThrows(IllegalArgumentException.class, () -> Hmac.sha256(new byte[0], VALUE));
    }
}
