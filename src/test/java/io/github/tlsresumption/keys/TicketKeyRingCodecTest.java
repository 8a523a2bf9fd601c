package io.github.tlsresumption.keys;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.keys.TicketKeyRingFormatException.Reason;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TicketKeyRingCodecTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");

    private static final String IDENTITY_KEY = "c0".repeat(31) + "01";

    private final TicketKeyRingCodec plain = TicketKeyRingCodec.plain();
    private final TicketKeyRing ring = sampleRing();

    @Test
    void aRingComesBackAsItWasWritten() throws Exception
    {
        TicketKeyRing copy = plain.decode(plain.encode(ring));

        assertTrue(ring.hasContentsOf(copy));
        for (TicketKey key : ring.keys())
        {
            assertArrayEquals(key.secret(), copy.find(key.id()).orElseThrow().secret());
        }
        assertEquals(ring.dropped(), copy.dropped());
    }

    @Test
    void theFirstLineSaysWhatItIs()
    {
        assertTrue(text(plain.encode(ring)).startsWith("jetty-tls-resumption ticket key ring, format 1, plain\n"));
    }

    @Test
    void theFormatOfVersionOneStaysReadable() throws Exception
    {
        String body = Base64.getEncoder().encodeToString(HexFormat.of().parseHex("0000000000000007" + IDENTITY_KEY + "00000001"
            + "00000000000000ff" + "000001954f2e8800" + "000001954f2e8800" + "000001954f654800" + "00000195528bc400"
            + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
            + "00000001" + "00000000000000fe" + "00000195528bc400"));
        TicketKeyRing decoded = plain.decode(document("jetty-tls-resumption ticket key ring, format 1, plain", body));

        assertEquals(7, decoded.version());
        assertEquals(IDENTITY_KEY, HexFormat.of().formatHex(decoded.identityKey()));
        assertEquals(1, decoded.keys().size());
        TicketKey key = decoded.keys().get(0);
        assertEquals(0xff, key.id());
        assertEquals(Instant.ofEpochMilli(0x1954f2e8800L), key.sealFrom());
        assertEquals(Instant.ofEpochMilli(0x1954f654800L), key.sealUntil());
        assertEquals(Instant.ofEpochMilli(0x195528bc400L), key.openUntil());
        assertEquals(31, key.secret()[31]);
        assertEquals(Map.of(0xfeL, Instant.ofEpochMilli(0x195528bc400L)), decoded.dropped());
    }

    @Test
    void anyByteChangedIsFoundOut()
    {
        byte[] document = plain.encode(ring);
        for (int i = 0; i < document.length; i++)
        {
            byte[] changed = document.clone();
            changed[i] ^= 1;
            assertThrows(TicketKeyRingFormatException.class, () -> plain.decode(changed), "byte " + i);
        }
    }

    @Test
    void anythingCutShortOrContinuedIsCorrupt()
    {
        byte[] document = plain.encode(ring);
        for (int length = 0; length < document.length; length++)
        {
            refused(plain, Reason.CORRUPT, Arrays.copyOf(document, length));
        }
        refused(plain, Reason.CORRUPT, Arrays.copyOf(document, document.length + 1));
        refused(plain, Reason.CORRUPT, new byte[TicketKeyRingCodec.MAX_BYTES + 1]);
    }

    @Test
    void aLaterFormatIsToldFromACorruptOne()
    {
        refused(plain, Reason.UNKNOWN_FORMAT, bytes("jetty-tls-resumption ticket key ring, format 2, whatever\n"));
        refused(plain, Reason.UNKNOWN_FORMAT, bytes("jetty-tls-resumption ticket key ring, format 10, plain\n"));
        refused(plain, Reason.CORRUPT, bytes("-----BEGIN PRIVATE KEY-----\n"));
        refused(plain, Reason.CORRUPT, bytes("jetty-tls-resumption ticket key ring, format 1, rot13\n"));
    }

    @Test
    void weakOrRepeatedKeysAreRefusedThoughTheChecksumIsRight()
    {
        String times = "000001954f2e8800" + "000001954f2e8800" + "000001954f654800" + "00000195528bc400";
        String secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        unfit("is weak", "0000000000000007" + IDENTITY_KEY + "00000001" + "00000000000000ff" + times + "00".repeat(32) + "00000000");
        unfit("is weak", "0000000000000007" + IDENTITY_KEY + "00000001" + "00000000000000ff" + times + "ab".repeat(32) + "00000000");
        unfit("never 0", "0000000000000007" + IDENTITY_KEY + "00000001" + "0000000000000000" + times + secret + "00000000");
        unfit("same secret", "0000000000000007" + IDENTITY_KEY + "00000002" + "00000000000000ff" + times + secret
            + "00000000000000fe" + times + secret + "00000000");
        unfit("is twice", "0000000000000007" + IDENTITY_KEY + "00000002" + "00000000000000ff" + times + secret
            + "00000000000000ff" + times + "01" + secret.substring(2) + "00000000");
        unfit("identity key is weak", "0000000000000007" + "00".repeat(32) + "00000000" + "00000000");
        unfit("version 0", "0000000000000000" + IDENTITY_KEY + "00000000" + "00000000");
    }

    @Test
    void anEncryptedRingOpensWithItsPassphraseAlone() throws Exception
    {
        TicketKeyRingCodec right = TicketKeyRingCodec.encrypted("correct horse"::toCharArray);
        byte[] document = right.encode(ring);

        assertTrue(text(document).startsWith("jetty-tls-resumption ticket key ring, format 1, encrypted with a passphrase, "
            + "memory 65536 KiB, iterations 3, lanes 1, salt "), text(document));
        Secrets.assertNoneIn(text(document), ring);
        assertTrue(ring.hasContentsOf(right.decode(document)));
        assertTrue(ring.hasContentsOf(TicketKeyRingCodec.encrypted("correct horse"::toCharArray).decode(document)));
        refused(TicketKeyRingCodec.encrypted("wrong horse"::toCharArray), Reason.WRONG_PASSPHRASE, document);
        refused(plain, Reason.ENCRYPTED, document);
        refused(right, Reason.NOT_ENCRYPTED, plain.encode(ring));
        byte[] damaged = document.clone();
        damaged[document.length / 2] ^= 1;
        refused(right, Reason.CORRUPT, damaged);
    }

    @Test
    void theFirstLineOfAnEncryptedRingIsAuthenticated()
    {
        TicketKeyRingCodec codec = CheapKeyFile.codec("correct horse"::toCharArray);
        String[] lines = text(codec.encode(ring)).split("\n");

        refused(codec, Reason.WRONG_PASSPHRASE, document(lines[0].replace("lanes 1", "lanes 01"), lines[1]));
        refused(codec, Reason.CORRUPT, document(lines[0].replace("memory 8192", "memory 999999999"), lines[1]));
    }

    @Test
    void theKeyIsDerivedOnceAndThePassphraseIsOverwritten() throws Exception
    {
        AtomicInteger asked = new AtomicInteger();
        char[] given = "correct horse".toCharArray();
        TicketKeyRingCodec codec = CheapKeyFile.codec(() ->
        {
            asked.incrementAndGet();
            return given;
        });
        byte[] document = codec.encode(ring);
        codec.decode(document);
        codec.decode(codec.encode(ring));

        assertEquals(1, asked.get());
        assertArrayEquals(new char[given.length], given);
        assertFalse(Arrays.equals(document, codec.encode(ring)), "each encryption has a nonce of its own");
    }

    @Test
    void aRingWithADestroyedKeyIsNotWritten()
    {
        ring.keys().get(0).destroy();

        assertThrows(IllegalStateException.class, () -> plain.encode(ring));
    }

    private void unfit(String why, String hex)
    {
        TicketKeyRingFormatException refusal = refused(plain, Reason.UNFIT_KEYS, document(
            "jetty-tls-resumption ticket key ring, format 1, plain", Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex))));
        assertTrue(refusal.getMessage().contains(why), refusal::getMessage);
    }

    private TicketKeyRingFormatException refused(TicketKeyRingCodec codec, Reason reason, byte[] document)
    {
        TicketKeyRingFormatException refusal = assertThrows(TicketKeyRingFormatException.class, () -> codec.decode(document));
        assertEquals(reason, refusal.reason(), refusal::getMessage);
        Secrets.assertNoneIn(refusal.toString(), ring);
        return refusal;
    }

    private static byte[] document(String header, String body)
    {
        byte[] checksum = Digests.sha256("jetty-tls-resumption ticket key ring", bytes(header), bytes(body));
        return bytes(header + "\n" + body + "\n" + HexFormat.of().formatHex(checksum) + "\n");
    }

    private static TicketKeyRing sampleRing()
    {
        KeyRotation rotation = KeyRotation.DEFAULT;
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);
        TicketKeyRing second = rotation.next(first, T0.plus(Duration.ofHours(12)));
        TicketKeyRing dropped = rotation.dropped(second, T0.plus(Duration.ofHours(13)), KeyRotation::newSecret);
        List<TicketKey> keys = rotation.next(dropped, T0.plus(Duration.ofHours(25))).keys();
        return new TicketKeyRing(40, dropped.identityKey(), keys, dropped.dropped());
    }

    private static byte[] bytes(String text)
    {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] document)
    {
        return new String(document, StandardCharsets.ISO_8859_1);
    }
}
