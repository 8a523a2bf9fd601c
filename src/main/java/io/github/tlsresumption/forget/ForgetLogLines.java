package io.github.tlsresumption.forget;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;

import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;

/**
 * Entries as lines of text: a word, subjects in 16 hexadecimal digits, times in milliseconds since 1970, and the CRC-32 of
 * all that in 8 hexadecimal digits, so that no damaged line is taken for another one. Stateless.
 */
public final class ForgetLogLines
{
    private static final HexFormat HEX = HexFormat.of();
    private static final int CRC_DIGITS = 8;

    private ForgetLogLines()
    {
    }

    /**
     * What a file begins with.
     *
     * @param generation a random number: another one means another file
     * @param begun when this generation was
     * @param entries how many it began with
     */
    record Head(long generation, Instant begun, long entries)
    {
    }

    static String encode(Head head)
    {
        return sealed("generation " + HEX.toHexDigits(head.generation) + " " + head.begun.toEpochMilli() + " " + head.entries);
    }

    static Optional<Head> decodeHead(String line)
    {
        String[] words = words(line);
        if (words.length != 5 || !words[0].equals("generation"))
        {
            return Optional.empty();
        }
        try
        {
            Head head = new Head(subject(words[1]), instant(words[2]), Long.parseLong(words[3]));
            return Optional.of(head).filter(known -> encode(known).equals(line));
        }
        catch (IllegalArgumentException e)
        {
            return Optional.empty();
        }
    }

    /**
     * @param entry any entry
     * @return its line, without a line feed
     */
    public static String encode(ForgetLogEntry entry)
    {
        if (entry instanceof Forget forget)
        {
            return sealed("forget " + HEX.toHexDigits(forget.subject()) + " " + forget.before().toEpochMilli());
        }
        if (entry instanceof ForgetPrincipal forget)
        {
            return sealed("principal " + HEX.toHexDigits(forget.subject()) + " " + forget.before().toEpochMilli());
        }
        if (entry instanceof Bind bind)
        {
            return sealed("bind " + HEX.toHexDigits(bind.session()) + " " + bind.established().toEpochMilli() + " "
                + HEX.toHexDigits(bind.principal()) + " " + bind.at().toEpochMilli());
        }
        return sealed("everyone " + ((ForgetEveryone)entry).before().toEpochMilli());
    }

    /**
     * @param line any text
     * @return the entry; nothing when the line is damaged
     */
    public static Optional<ForgetLogEntry> decode(String line)
    {
        try
        {
            return Optional.ofNullable(entry(words(line))).filter(known -> encode(known).equals(line));
        }
        catch (IllegalArgumentException e)
        {
            return Optional.empty();
        }
    }

    private static ForgetLogEntry entry(String[] words)
    {
        return switch (words[0] + " " + words.length)
        {
            case "forget 4" -> new Forget(subject(words[1]), instant(words[2]));
            case "principal 4" -> new ForgetPrincipal(subject(words[1]), instant(words[2]));
            case "everyone 3" -> new ForgetEveryone(instant(words[1]));
            case "bind 6" -> new Bind(subject(words[1]), instant(words[2]), subject(words[3]), instant(words[4]));
            default -> null;
        };
    }

    /*
     * One empty word when the line is damaged. A right checksum does not tell that we wrote it: who may write to a store can make one.
     */
    private static String[] words(String line)
    {
        int end = line.length() - CRC_DIGITS;
        return end > 0 && line.equals(sealed(line.substring(0, end - 1))) ? line.split(" ", -1) : new String[]{""};
    }

    private static String sealed(String text)
    {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return text + " " + HEX.toHexDigits((int)crc.getValue());
    }

    private static long subject(String digits)
    {
        return HexFormat.fromHexDigitsToLong(digits);
    }

    private static Instant instant(String millis)
    {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }
}
