package io.github.tlsresumption.policy;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * SHA-256 of a SubjectPublicKeyInfo (RFC 7469 section 2.4) as text: {@code sha256/} with base64, or {@code sha256:} with
 * hexadecimal digits, between whose pairs there may be colons. Stateless.
 */
final class Fingerprint
{
    /** How to write one. */
    static final String USAGE = "sha256/ with Base64 or sha256: with hexadecimal digits, of the 32 bytes of the SHA-256 of a "
        + "SubjectPublicKeyInfo";

    private static final String BASE64_PREFIX = "sha256/";
    private static final String HEX_PREFIX = "sha256:";
    private static final Pattern BASE64_DIGEST = Pattern.compile("[A-Za-z0-9+/]{43}=?");
    private static final Pattern HEX_DIGEST = Pattern.compile("[0-9A-Fa-f]{64}");
    private static final Pattern HEX_DIGEST_WITH_COLONS = Pattern.compile("[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31}");

    private Fingerprint()
    {
    }

    /**
     * @param text anything
     * @return 32 bytes, or empty when the text is no fingerprint
     */
    static Optional<byte[]> parse(String text)
    {
        if (!text.startsWith(BASE64_PREFIX) && !text.startsWith(HEX_PREFIX))
        {
            return Optional.empty();
        }
        String value = text.substring(HEX_PREFIX.length());
        if (text.startsWith(BASE64_PREFIX))
        {
            return BASE64_DIGEST.matcher(value).matches() ? Optional.of(Base64.getDecoder().decode(value)) : Optional.empty();
        }
        if (HEX_DIGEST.matcher(value).matches())
        {
            return Optional.of(HexFormat.of().parseHex(value));
        }
        return HEX_DIGEST_WITH_COLONS.matcher(value).matches()
            ? Optional.of(HexFormat.ofDelimiter(":").parseHex(value))
            : Optional.empty();
    }
}
