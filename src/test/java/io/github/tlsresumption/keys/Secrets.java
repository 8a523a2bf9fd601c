package io.github.tlsresumption.keys;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * Looks for the secrets of a ring where none may be.
 */
final class Secrets
{
    private Secrets()
    {
    }

    static void assertNoneIn(String text, TicketKeyRing ring)
    {
        for (TicketKey key : ring.keys())
        {
            byte[] secret = key.secret();
            String base64 = Base64.getEncoder().encodeToString(secret);
            // Within a longer text base64 looks differently at each offset modulo 3.
            List<String> forms = List.of(HexFormat.of().formatHex(secret), base64.substring(0, 40),
                Base64.getUrlEncoder().encodeToString(secret),
                base64(new byte[1], secret), base64(new byte[2], secret), new String(secret, StandardCharsets.ISO_8859_1));
            forms.forEach(form -> assertFalse(text.contains(form) || text.toLowerCase(Locale.ROOT).contains(form), "a secret in " + text));
        }
    }

    private static String base64(byte[] before, byte[] secret)
    {
        byte[] both = new byte[before.length + secret.length];
        System.arraycopy(secret, 0, both, before.length, secret.length);
        return Base64.getEncoder().encodeToString(both).substring(4, 40);
    }
}
