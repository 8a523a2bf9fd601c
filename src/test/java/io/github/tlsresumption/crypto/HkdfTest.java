package io.github.tlsresumption.crypto;

import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class HkdfTest
{
    private static final HexFormat HEX = HexFormat.of();
    private static final String ASCENDING_00_TO_4F = ascending(0x00, 0x4f);
    private static final String ASCENDING_60_TO_AF = ascending(0x60, 0xaf);
    private static final String ASCENDING_B0_TO_FF = ascending(0xb0, 0xff);

    /**
     * RFC 5869, appendix A.1.
     */
    @Test
    void basicCaseOfTheRfc()
    {
        assertDerives("0b".repeat(22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    }

    /**
     * RFC 5869, appendix A.2.
     */
    @Test
    void longInputsOfTheRfc()
    {
        assertDerives(ASCENDING_00_TO_4F, ASCENDING_60_TO_AF, ASCENDING_B0_TO_FF,
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
    }

    /**
     * RFC 5869, appendix A.3.
     */
    @Test
    void noSaltAndNoInfoOfTheRfc()
    {
        assertDerives("0b".repeat(22), "", "",
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 32, 33, 64, 8160})
    void aShorterResultIsTheBeginningOfALongerOne(int length)
    {
        byte[] longest = Hkdf.sha256(new byte[]{1}, new byte[]{2}, new byte[]{3}, 8160);

        byte[] derived = Hkdf.sha256(new byte[]{1}, new byte[]{2}, new byte[]{3}, length);

        assertEquals(length, derived.length);
        assertArrayEquals(Arrays.copyOf(longest, length), derived);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 8161})
    void aLengthThatTheRfcDoesNotHaveIsRefused(int length)
    {
        assertThrows(IllegalArgumentException.class, () -> Hkdf.sha256(new byte[]{1}, new byte[]{2}, new byte[0], length));
    }

    private static void assertDerives(String key, String salt, String info, String pseudorandom, String result)
    {
        assertEquals(pseudorandom, HEX.formatHex(Hkdf.extract(HEX.parseHex(key), HEX.parseHex(salt))));
        assertEquals(result, HEX.formatHex(Hkdf.sha256(HEX.parseHex(key), HEX.parseHex(salt), HEX.parseHex(info), result.length() / 2)));
    }

    private static String ascending(int from, int to)
    {
        StringBuilder text = new StringBuilder();
        for (int i = from; i <= to; i++)
        {
            text.append(HEX.toHexDigits((byte)i));
        }
        return text.toString();
    }
}
