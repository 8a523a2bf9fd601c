package io.github.tlsresumption.jetty;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which versions of Jetty are too old. Those that are tested are the oldest that are taken.
 */
public final class JettyVersion
{
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4}).*");
    private static final int LINE_12 = 12;
    private static final int OLDEST_OF_12_0 = 31;
    private static final int OLDEST_OF_12_1 = 12;

    private JettyVersion()
    {
    }

    /**
     * @param version as Jetty tells it
     * @return what is wrong with it and what to do; empty for a version that is not too old, and for a text that is no version
     */
    public static Optional<String> obstacle(String version)
    {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches() || !isOld(number(matcher, 1), number(matcher, 2), number(matcher, 3)))
        {
            return Optional.empty();
        }
        return Optional.of("Jetty " + version + " is too old for TLS session resumption: use 12.0." + OLDEST_OF_12_0
            + " or a later 12.0, or 12.1." + OLDEST_OF_12_1 + " or later");
    }

    private static int number(Matcher matcher, int group)
    {
        return Integer.parseInt(matcher.group(group));
    }

    private static boolean isOld(int major, int minor, int update)
    {
        if (major != LINE_12 || minor > 1)
        {
            return major < LINE_12;
        }
        return update < (minor == 0 ? OLDEST_OF_12_0 : OLDEST_OF_12_1);
    }
}
