package io.github.tlsresumption.crypto;

import java.util.HexFormat;
import java.util.Optional;

import io.github.tlsresumption.Trials;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/**
 * The vectors of its authors (McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B), and what differs from
 * {@link Xaes256Gcm}, with which it shares the rest.
 */
class Aes256GcmTest
{
    private static final byte[] NOTHING = {};
    private static final String KEY = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    private static final String PLAINTEXT = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
    private static final String CIPHERTEXT = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";

    private static void assertVector(String key, String nonce, String plaintext, String associatedData, String ciphertext, String tag)
    {
        Aes256Gcm cipher = new Aes256Gcm(hex(key));
        byte[] sealed = cipher.seal(hex(nonce), hex(plaintext), hex(associatedData));
        assertEquals(ciphertext + tag, HexFormat.of().formatHex(sealed));
        assertArrayEquals(hex(plaintext), cipher.open(hex(nonce), sealed, 0, sealed.length, hex(associatedData)).orElseThrow());
    }

    @Test
    void sealsThePublishedVectors()
    {
        assertVector("00".repeat(32), "00".repeat(12), "", "", "", "530f8afbc74536b9a963b4f1c4cb738b");
        assertVector("00".repeat(32), "00".repeat(12), "00".repeat(16), "", "cea7403d4d606b6e074ec5d3baf39d18",
            "d0d1c8a799996bf0265b98b5d48ab919");
        assertVector(KEY, "cafebabefacedbaddecaf888", PLAINTEXT, "", CIPHERTEXT, "b094dac5d93471bdec1a502270e3cc6c");
        assertVector(KEY, "cafebabefacedbaddecaf888", PLAINTEXT.substring(0, 120), "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            CIPHERTEXT.substring(0, 120), "76fc6ece0f4e1768cddf8853bb2d551b");
    }

    @Test
    void opensOnlyWhatItSealedWithTheSameNonceAndAssociatedData()
    {
        Trials.run(500, random ->
        {
            Aes256Gcm key = new Aes256Gcm(Trials.bytes(random, Aes256Gcm.KEY_BYTES));
            byte[] nonce = Trials.bytes(random, Aes256Gcm.NONCE_BYTES);
            byte[] bound = Trials.bytes(random, 1 + random.nextInt(50));
            byte[] sealed = key.seal(nonce, Trials.bytes(random, random.nextInt(500)), bound);
            assertEquals(Optional.empty(), key.open(flipped(random, nonce), sealed, 0, sealed.length, bound));
            assertEquals(Optional.empty(), key.open(nonce, flipped(random, sealed), 0, sealed.length, bound));
            assertEquals(Optional.empty(), key.open(nonce, sealed, 0, sealed.length, flipped(random, bound)));
            assertEquals(Optional.empty(), new Xaes256Gcm(key.key())
                .open(Trials.bytes(random, Xaes256Gcm.NONCE_BYTES), sealed, 0, sealed.length, bound));
        });
    }

    private static byte[] flipped(java.util.Random random, byte[] bytes)
    {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(bytes.length)] ^= (byte)(1 << random.nextInt(Byte.SIZE));
        return flipped;
    }

    @Test
    void takesKeysAndNoncesOfOneLengthOnly()
    {
        assertThrows(IllegalArgumentException.class, () -> new Aes256Gcm(new byte[16]));
        Aes256Gcm key = new Aes256Gcm(new byte[Aes256Gcm.KEY_BYTES]);
        assertThrows(IllegalArgumentException.class, () -> key.seal(new byte[Xaes256Gcm.NONCE_BYTES], NOTHING, NOTHING));
        assertThrows(IllegalArgumentException.class, () -> key.open(new byte[11], new byte[16], 0, 16, NOTHING));
    }

    @Test
    void showsNothingOfTheKeyAndSealsNothingOnceDestroyed()
    {
        Aes256Gcm key = new Aes256Gcm(Random.bytes(Aes256Gcm.KEY_BYTES));
        assertEquals("AES-256-GCM key", key.toString());
        key.destroy();
        assertEquals("AES-256-GCM key (destroyed)", key.toString());
        assertThrows(IllegalStateException.class, () -> key.seal(new byte[Aes256Gcm.NONCE_BYTES], NOTHING, NOTHING));
    }

    private static byte[] hex(String digits)
    {
        return HexFormat.of().parseHex(digits);
    }
}
