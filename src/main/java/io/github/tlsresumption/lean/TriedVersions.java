package io.github.tlsresumption.lean;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The versions of Jetty with which the connector was tried. What it takes over from Jetty's own may be another thing in others.
 */
final class TriedVersions
{
    private static final Pattern VERSION = Pattern.compile("12\\.([01])\\.(\\d{1,4})");
    private static final int[] OLDEST = {31, 12};
    private static final int[] NEWEST = {31, 14};
    private static final String ALL = "12.0.31, and 12.1.12 to 12.1.14";

    private TriedVersions()
    {
    }

    /**
     * @param version as Jetty tells it
     * @return what to do when it is none of them
     */
    static Optional<String> obstacle(String version)
    {
        Matcher matcher = VERSION.matcher(version);
        if (matcher.matches())
        {
            int line = Integer.parseInt(matcher.group(1));
            int update = Integer.parseInt(matcher.group(2));
            if (update >= OLDEST[line] && update <= NEWEST[line])
            {
                return Optional.empty();
            }
        }
        return Optional.of("the module tls-resumption-lean was not tried with Jetty " + version + ", only with " + ALL
            + ": remove start.d/tls-resumption-lean.ini, or use a release of TLS session resumption that knows this Jetty");
    }
}
