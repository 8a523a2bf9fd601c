package io.github.tlsresumption.crypto;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

/**
 * Vectors of the Argon2 reference implementation, and the limits of what a file may ask for.
 */
class PassphraseKeyTest
{
    private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest(name = "{0} KiB, {1} passes, {2} lanes")
    @CsvSource(
    {
        "65536, 2, 1, 09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
        "256, 2, 1, 9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
        "256, 2, 2, 6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"
    })
    void givesTheKeyOfTheReferenceImplementation(int memoryKiB, int iterations, int parallelism, String key)
    {
        byte[] password = "password".getBytes(StandardCharsets.US_ASCII);
        byte[] salt = "somesalt".getBytes(StandardCharsets.US_ASCII);
        assertEquals(key, HexFormat.of().formatHex(PassphraseKey.argon2id(password, memoryKiB, iterations, parallelism, salt)));
    }

    @Test
    void handsPassphraseAndParametersOnUnchanged()
    {
        PassphraseKey.Parameters parameters = new PassphraseKey.Parameters(8192, 2, 3, SALT);
        char[] passphrase = "K\u00e4se \ud83e\uddc0".toCharArray();
        byte[] expected = PassphraseKey.argon2id("K\u00e4se \ud83e\uddc0".getBytes(StandardCharsets.UTF_8), 8192, 2, 3, SALT);
        assertArrayEquals(expected, PassphraseKey.derive(passphrase, parameters));
        assertEquals("K\u00e4se \ud83e\uddc0", new String(passphrase));
    }

    @Test
    void refusesAPassphraseThatIsEmptyOrNoText()
    {
        PassphraseKey.Parameters parameters = new PassphraseKey.Parameters(8192, 1, 1, SALT);
        assertThrows(IllegalArgumentException.class, () -> PassphraseKey.derive(new char[0], parameters));
        assertThrows(IllegalArgumentException.class, () -> PassphraseKey.derive(new char[]{'a', '\ud800'}, parameters));
    }

    @ParameterizedTest(name = "{0} KiB, {1} passes, {2} lanes, {3} bytes of salt")
    @CsvSource(
    {
        "8191, 3, 1, 16", "262145, 3, 1, 16", "2147483647, 3, 1, 16", "-1, 3, 1, 16", "65536, 0, 1, 16", "65536, 17, 1, 16",
        "65536, 3, 0, 16", "65536, 3, 17, 16", "65536, 3, 1, 15", "65536, 3, 1, 17"
    })
    void refusesAHostileFilesParametersBeforeTheyCostAnything(int memoryKiB, int iterations, int parallelism, int saltBytes)
    {
        assertThrows(IllegalArgumentException.class,
            () -> new PassphraseKey.Parameters(memoryKiB, iterations, parallelism, new byte[saltBytes]));
    }

    @Test
    void takesTheLimitsThemselves()
    {
        assertEquals(8192, new PassphraseKey.Parameters(8192, 1, 1, SALT).memoryKiB());
        assertEquals(262144, new PassphraseKey.Parameters(262144, 16, 16, SALT).memoryKiB());
    }

    @Test
    void drawsANewSaltForEachFile()
    {
        PassphraseKey.Parameters first = PassphraseKey.Parameters.defaults();
        assertFalse(first.equals(PassphraseKey.Parameters.defaults()));
        assertEquals(first, new PassphraseKey.Parameters(64 * 1024, 3, 1, first.salt()));
        first.salt()[0]++;
        assertEquals(first, new PassphraseKey.Parameters(64 * 1024, 3, 1, first.salt()));
    }
}
