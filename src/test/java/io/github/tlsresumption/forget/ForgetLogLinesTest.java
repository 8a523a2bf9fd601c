package io.github.tlsresumption.forget;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;

import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ForgetLogLinesTest
{
    private static String sealed(String text)
    {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return text + " " + HexFormat.of().toHexDigits((int)crc.getValue());
    }

    @Test
    void aLineComesBack()
    {
        Forget entry = new Forget(0x0123456789abcdefL, Instant.ofEpochMilli(1_700_000_000_000L));
        assertEquals(sealed("forget 0123456789abcdef 1700000000000"), ForgetLogLines.encode(entry));
        assertEquals(Optional.of(entry), ForgetLogLines.decode(ForgetLogLines.encode(entry)));
    }

    /**
     * Their checksums are right.
     */
    @ParameterizedTest
    @ValueSource(strings = {"forget  1700000000000", "forget 0123456789abcdeg 1", "forget 0123456789abcdef x", "everyone ", "everyone +5",
        "principal 0123456789ABCDEF 1", "forget 1 1", "everyone 99999999999999999999", "bind 0 0 0", "bind x 1 y 2", "nobody 1", ""})
    void whatWeWouldNotWriteIsDamaged(String text)
    {
        assertEquals(Optional.empty(), ForgetLogLines.decode(sealed(text)));
        assertEquals(Optional.empty(), ForgetLogLines.decodeHead(sealed("generation " + text)));
    }
}
