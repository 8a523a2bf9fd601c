package io.github.tlsresumption.it;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds secrets in bytes, whatever they were printed or expanded to: raw, as numbers in either byte order, in hexadecimal digits,
 * in Base64. Each half of a secret counts, as an expanded AES key has it in rows of 16 bytes.
 */
final class SecretForms
{
    private static final int PREFIX = 8;

    private final Map<Long, List<Form>> forms = new HashMap<>();
    private final boolean[] starts = new boolean[1 << 16];

    private record Form(String name, byte[] bytes)
    {
    }

    /**
     * @param secrets what to look for, by its name
     */
    SecretForms(Map<String, byte[]> secrets)
    {
        secrets.forEach(this::add);
    }

    private void add(String name, byte[] secret)
    {
        for (int from = 0; from + 16 <= secret.length; from += 16)
        {
            String half = name + " [" + from + "] ";
            byte[] part = Arrays.copyOfRange(secret, from, from + 16);
            addForm(half + "raw", part);
            addForm(half + "numbers of 4 bytes", swapped(part, Integer.BYTES));
            addForm(half + "numbers of 8 bytes", swapped(part, Long.BYTES));
            String digits = HexFormat.of().formatHex(part);
            add(half + "hex", digits);
            add(half + "HEX", HexFormat.of().withUpperCase().formatHex(part));
            add(half + "hex with colons", HexFormat.ofDelimiter(":").formatHex(part));
            add(half + "list of numbers", Arrays.toString(part).replaceAll("[\\[\\]]", ""));
            for (int shift = 0; shift < 3; shift++)
            {
                byte[] shifted = new byte[shift + part.length];
                System.arraycopy(part, 0, shifted, shift, part.length);
                // What hangs on the neighbours is left out.
                int first = shift == 0 ? 0 : 4;
                int last = shifted.length / 3 * 4;
                add(half + "Base64", Base64.getEncoder().encodeToString(shifted).substring(first, last));
                add(half + "Base64 for URLs", Base64.getUrlEncoder().encodeToString(shifted).substring(first, last));
            }
        }
    }

    private void add(String name, String text)
    {
        addForm(name, text.getBytes(StandardCharsets.US_ASCII));
        addForm(name + " in UTF-16", text.getBytes(StandardCharsets.UTF_16LE));
    }

    private void addForm(String name, byte[] bytes)
    {
        forms.computeIfAbsent(ByteBuffer.wrap(bytes).getLong(), start -> new ArrayList<>()).add(new Form(name, bytes));
        starts[(bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF] = true;
    }

    private static byte[] swapped(byte[] bytes, int size)
    {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        ByteBuffer out = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining())
        {
            if (size == Long.BYTES)
            {
                out.putLong(in.getLong());
            }
            else
            {
                out.putInt(in.getInt());
            }
        }
        return out.array();
    }

    /**
     * @param text each character a byte
     * @return as for {@link #in(ByteBuffer)}
     */
    Map<String, List<Integer>> in(String text)
    {
        return in(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /**
     * @param haystack any bytes, big-endian
     * @return the positions of what was found, by its name and form
     */
    Map<String, List<Integer>> in(ByteBuffer haystack)
    {
        Map<String, List<Integer>> found = new TreeMap<>();
        for (int i = 0; i + PREFIX <= haystack.limit(); i++)
        {
            if (!starts[haystack.getShort(i) & 0xFFFF])
            {
                continue;
            }
            for (Form form : forms.getOrDefault(haystack.getLong(i), List.of()))
            {
                if (i + form.bytes().length > haystack.limit())
                {
                    continue;
                }
                byte[] there = new byte[form.bytes().length];
                haystack.get(i, there);
                if (Arrays.equals(there, form.bytes()))
                {
                    found.computeIfAbsent(form.name(), name -> new ArrayList<>()).add(i);
                }
            }
        }
        return found;
    }
}
