package io.github.tlsresumption.policy;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A host name, or {@code *.} and a host name, where the star stands for exactly one label (RFC 6125 section 6.4.3).
 *
 * @param name in lower case; behind a star it begins with the dot
 * @param wildcard whether there was a star
 */
record HostPattern(String name, boolean wildcard)
{
    private static final int MAX_LENGTH = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");

    /**
     * @param text the pattern, in any case
     * @return it
     * @throws IllegalArgumentException when it is none; the message says what to write
     */
    static HostPattern parse(String text)
    {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean wildcard = lower.startsWith("*.");
        String name = wildcard ? lower.substring(2) : lower;
        boolean valid = name.length() <= MAX_LENGTH;
        // Not one pattern for all labels, whose matching would recurse.
        for (String label : valid ? name.split("\\.", -1) : new String[0])
        {
            valid &= LABEL.matcher(label).matches();
        }
        if (!valid)
        {
            throw new IllegalArgumentException("bad host name " + RulesException.quote(text) + ": use a name such as www.example.com, "
                + "or *.example.com for any one label in front; international names in their xn-- form");
        }
        return new HostPattern(wildcard ? "." + name : name, wildcard);
    }

    /**
     * @param host a host name in lower case
     * @return whether it fits
     */
    boolean matches(String host)
    {
        int dot = host.indexOf('.');
        return wildcard ? dot > 0 && host.length() - dot == name.length() && host.endsWith(name) : host.equals(name);
    }
}
