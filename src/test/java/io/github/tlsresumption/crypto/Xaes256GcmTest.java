package io.github.tlsresumption.crypto;

import java.io.Serializable;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

import io.github.tlsresumption.Trials;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The published vectors, and what must be refused.
 */
class Xaes256GcmTest
{
    private static final byte[] NOTHING = {};
    private static final byte[] NONCE = ascii("ABCDEFGHIJKLMNOPQRSTUVWX");

    @Test
    void sealsThePublishedVectorWhereTheMaskHasNoCarry()
    {
        Xaes256Gcm key = filledWith(1);
        byte[] sealed = hex("ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        assertArrayEquals(sealed, key.seal(NONCE, ascii("XAES-256-GCM"), NOTHING));
        assertArrayEquals(ascii("XAES-256-GCM"), key.open(NONCE, sealed, 0, sealed.length, NOTHING).orElseThrow());
    }

    @Test
    void sealsThePublishedVectorWhereTheMaskHasACarry()
    {
        Xaes256Gcm key = filledWith(3);
        byte[] associatedData = ascii("c2sp.org/XAES-256-GCM");
        byte[] sealed = hex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
        assertArrayEquals(sealed, key.seal(NONCE, ascii("XAES-256-GCM"), associatedData));
        assertArrayEquals(ascii("XAES-256-GCM"), key.open(NONCE, sealed, 0, sealed.length, associatedData).orElseThrow());
    }

    @Test
    void givesThePublishedDigestOverTenThousandRandomMessages()
    {
        assertEquals("e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939", digestOfRandomMessages(10_000));
    }

    @Test
    @EnabledIfSystemProperty(named = "xaes.million", matches = "true", disabledReason = "takes long; run with -Dxaes.million=true")
    void givesThePublishedDigestOverAMillionRandomMessages()
    {
        assertEquals("2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15", digestOfRandomMessages(1_000_000));
    }

    @Test
    void opensWhatItSealedWhereverItLiesInAnArray()
    {
        Trials.run(500, random ->
        {
            Xaes256Gcm key = new Xaes256Gcm(Trials.bytes(random, Xaes256Gcm.KEY_BYTES));
            byte[] nonce = Trials.bytes(random, Xaes256Gcm.NONCE_BYTES);
            byte[] plaintext = Trials.bytes(random, random.nextInt(3000));
            byte[] associatedData = Trials.bytes(random, random.nextInt(100));
            byte[] sealed = key.seal(nonce, plaintext, associatedData);
            assertEquals(plaintext.length + Xaes256Gcm.TAG_BYTES, sealed.length);

            int offset = random.nextInt(50);
            byte[] longer = Trials.bytes(random, offset + sealed.length + random.nextInt(50));
            System.arraycopy(sealed, 0, longer, offset, sealed.length);
            assertArrayEquals(plaintext, key.open(nonce, longer, offset, sealed.length, associatedData).orElseThrow());
        });
    }

    @Test
    void refusesAnyFlippedBitOfTheSealedBytesTheNonceAndTheAssociatedData()
    {
        Xaes256Gcm key = filledWith(7);
        byte[] associatedData = ascii("bound to this");
        byte[] sealed = key.seal(NONCE, ascii("secret"), associatedData);
        forEachFlip(sealed, flipped -> assertEquals(Optional.empty(), key.open(NONCE, flipped, 0, flipped.length, associatedData)));
        forEachFlip(NONCE, flipped -> assertEquals(Optional.empty(), key.open(flipped, sealed, 0, sealed.length, associatedData)));
        forEachFlip(associatedData, flipped -> assertEquals(Optional.empty(), key.open(NONCE, sealed, 0, sealed.length, flipped)));
    }

    @Test
    void refusesAnotherKey()
    {
        byte[] sealed = filledWith(7).seal(NONCE, ascii("secret"), NOTHING);
        byte[] bytes = new byte[Xaes256Gcm.KEY_BYTES];
        Arrays.fill(bytes, (byte)7);
        forEachFlip(bytes, other -> assertEquals(Optional.empty(), new Xaes256Gcm(other).open(NONCE, sealed, 0, sealed.length, NOTHING)));
    }

    @Test
    void refusesEveryLengthButTheRightOne()
    {
        Xaes256Gcm key = filledWith(7);
        byte[] sealed = key.seal(NONCE, ascii("secret"), NOTHING);
        byte[] longer = Arrays.copyOf(sealed, sealed.length + 40);
        for (int length = 0; length <= longer.length; length++)
        {
            assertEquals(length == sealed.length, key.open(NONCE, longer, 0, length, NOTHING).isPresent(), "length " + length);
        }
    }

    @Test
    void refusesRandomBytes()
    {
        Xaes256Gcm key = new Xaes256Gcm(Random.bytes(Xaes256Gcm.KEY_BYTES));
        Trials.run(2000, random ->
        {
            byte[] bytes = Trials.bytes(random, random.nextInt(200));
            assertEquals(Optional.empty(), key.open(NONCE, bytes, 0, bytes.length, NOTHING));
        });
    }

    @Test
    void copiesTheKeyItIsGiven()
    {
        byte[] bytes = Random.bytes(Xaes256Gcm.KEY_BYTES);
        Xaes256Gcm key = new Xaes256Gcm(bytes);
        byte[] before = key.seal(NONCE, ascii("secret"), NOTHING);
        Arrays.fill(bytes, (byte)0);
        assertArrayEquals(before, key.seal(NONCE, ascii("secret"), NOTHING));
    }

    @Test
    void takesKeysAndNoncesOfOneLengthOnly()
    {
        assertThrows(IllegalArgumentException.class, () -> new Xaes256Gcm(new byte[31]));
        assertThrows(IllegalArgumentException.class, () -> new Xaes256Gcm(new byte[33]));
        Xaes256Gcm key = filledWith(1);
        assertThrows(IllegalArgumentException.class, () -> key.seal(new byte[12], NOTHING, NOTHING));
        assertThrows(IllegalArgumentException.class, () -> key.open(new byte[25], new byte[16], 0, 16, NOTHING));
        assertThrows(IndexOutOfBoundsException.class, () -> key.open(NONCE, new byte[16], 1, 16, NOTHING));
    }

    @Test
    void callsAKeyWeakWhenNoGeneratorMadeIt()
    {
        assertTrue(Xaes256Gcm.isWeak(new byte[Xaes256Gcm.KEY_BYTES]));
        byte[] equal = new byte[Xaes256Gcm.KEY_BYTES];
        Arrays.fill(equal, (byte)0xff);
        assertTrue(Xaes256Gcm.isWeak(equal));
        assertTrue(Xaes256Gcm.isWeak(NOTHING));
        assertTrue(Xaes256Gcm.isWeak(Random.bytes(16)));
        assertTrue(Xaes256Gcm.isWeak(Random.bytes(33)));
        assertFalse(Xaes256Gcm.isWeak(Random.bytes(Xaes256Gcm.KEY_BYTES)));
        byte[] oneBit = new byte[Xaes256Gcm.KEY_BYTES];
        oneBit[31] = (byte)0x80;
        assertFalse(Xaes256Gcm.isWeak(oneBit));
    }

    @Test
    void sealsAndOpensNothingOnceDestroyed()
    {
        Xaes256Gcm key = filledWith(1);
        byte[] sealed = key.seal(NONCE, ascii("secret"), NOTHING);
        byte[] sealedUnderZero = new Xaes256Gcm(new byte[Xaes256Gcm.KEY_BYTES]).seal(NONCE, ascii("secret"), NOTHING);
        assertFalse(key.isDestroyed());
        key.destroy();
        key.destroy();
        assertTrue(key.isDestroyed());
        assertThrows(IllegalStateException.class, () -> key.seal(NONCE, ascii("secret"), NOTHING));
        assertEquals(Optional.empty(), key.open(NONCE, sealed, 0, sealed.length, NOTHING));
        assertEquals(Optional.empty(), key.open(NONCE, sealedUnderZero, 0, sealedUnderZero.length, NOTHING));
    }

    @Test
    void sealsUnderTheWholeKeyOrNotAtAllWhileBeingDestroyed() throws Exception
    {
        ExecutorService sealers = Executors.newFixedThreadPool(3);
        try
        {
            for (int round = 0; round < 300; round++)
            {
                byte[] bytes = Random.bytes(Xaes256Gcm.KEY_BYTES);
                Xaes256Gcm key = new Xaes256Gcm(bytes);
                List<Future<List<byte[]>>> results = new ArrayList<>();
                for (int i = 0; i < 3; i++)
                {
                    results.add(sealers.submit(() -> sealUntilDestroyed(key)));
                }
                for (int i = round % 50; i > 0; i--)
                {
                    Thread.onSpinWait();
                }
                key.destroy();

                Xaes256Gcm whole = new Xaes256Gcm(bytes);
                for (Future<List<byte[]>> result : results)
                {
                    for (byte[] sealed : result.get())
                    {
                        assertTrue(whole.open(NONCE, sealed, 0, sealed.length, NOTHING).isPresent(), "round " + round);
                    }
                }
            }
        }
        finally
        {
            sealers.shutdownNow();
        }
    }

    @Test
    void givesItsBytesWholeOrNotAtAllWhileBeingDestroyed() throws Exception
    {
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try
        {
            for (int round = 0; round < 20_000; round++)
            {
                byte[] bytes = Random.bytes(Xaes256Gcm.KEY_BYTES);
                Xaes256Gcm key = new Xaes256Gcm(bytes);
                CountDownLatch reading = new CountDownLatch(1);
                Future<?> result = reader.submit(() ->
                {
                    Optional<byte[]> copy = key.copyOfKey();
                    reading.countDown();
                    for (; copy.isPresent(); copy = key.copyOfKey())
                    {
                        assertArrayEquals(bytes, copy.get());
                    }
                });
                reading.await();
                key.destroy();
                result.get();
            }
        }
        finally
        {
            reader.shutdownNow();
        }
    }

    @Test
    void overwritesItsBytesWhenDestroyed() throws Exception
    {
        Xaes256Gcm key = filledWith(1);
        Field bytes = AesGcmKey.class.getDeclaredField("key");
        bytes.setAccessible(true);
        key.destroy();
        assertArrayEquals(new byte[Xaes256Gcm.KEY_BYTES], (byte[])bytes.get(key));
    }

    @Test
    void showsNothingOfTheKey()
    {
        Xaes256Gcm key = filledWith(0x41);
        assertEquals("XAES-256-GCM key", key.toString());
        key.destroy();
        assertEquals("XAES-256-GCM key (destroyed)", key.toString());
        assertFalse(Serializable.class.isAssignableFrom(Xaes256Gcm.class));
    }

    private static List<byte[]> sealUntilDestroyed(Xaes256Gcm key)
    {
        List<byte[]> sealed = new ArrayList<>();
        try
        {
            while (sealed.size() < 10_000)
            {
                sealed.add(key.seal(NONCE, NOTHING, NOTHING));
            }
        }
        catch (IllegalStateException e)
        {
            assertTrue(key.isDestroyed());
        }
        return sealed;
    }

    /*
     * The accumulated test of the specification: messages read from one SHAKE-128 stream, sealed bytes hashed by another.
     */
    private static String digestOfRandomMessages(int count)
    {
        SHAKEDigest stream = new SHAKEDigest(128);
        SHAKEDigest digest = new SHAKEDigest(128);
        for (int i = 0; i < count; i++)
        {
            Xaes256Gcm key = new Xaes256Gcm(read(stream, Xaes256Gcm.KEY_BYTES));
            byte[] nonce = read(stream, Xaes256Gcm.NONCE_BYTES);
            byte[] plaintext = read(stream, read(stream, 1)[0] & 0xff);
            byte[] associatedData = read(stream, read(stream, 1)[0] & 0xff);
            byte[] sealed = key.seal(nonce, plaintext, associatedData);
            digest.update(sealed, 0, sealed.length);
            assertArrayEquals(plaintext, key.open(nonce, sealed, 0, sealed.length, associatedData).orElseThrow());
        }
        return HexFormat.of().formatHex(read(digest, 32));
    }

    private static byte[] read(SHAKEDigest stream, int count)
    {
        byte[] bytes = new byte[count];
        stream.doOutput(bytes, 0, count);
        return bytes;
    }

    private static void forEachFlip(byte[] bytes, Consumer<byte[]> check)
    {
        for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++)
        {
            byte[] flipped = bytes.clone();
            flipped[bit / Byte.SIZE] ^= (byte)(1 << bit % Byte.SIZE);
            check.accept(flipped);
        }
    }

    private static Xaes256Gcm filledWith(int octet)
    {
        byte[] bytes = new byte[Xaes256Gcm.KEY_BYTES];
        Arrays.fill(bytes, (byte)octet);
        return new Xaes256Gcm(bytes);
    }

    private static byte[] hex(String digits)
    {
        return HexFormat.of().parseHex(digits);
    }

    private static byte[] ascii(String text)
    {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
