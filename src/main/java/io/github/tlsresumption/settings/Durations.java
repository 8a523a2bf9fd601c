package io.github.tlsresumption.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as operators write them, in settings and in rules: a number, or a number with its unit. Stateless.
 */
public final class Durations
{
    // Nine digits, in whatever unit, are no overflow.
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(|ms|s|m|h|d)");

    private Durations()
    {
    }

    /**
     * @param text such as {@code 90}, {@code 90s}, {@code 30m}, {@code 8h}, {@code 7d} or {@code 50ms}; white space around it does not
     *     count
     * @param unit of a number without one
     * @return the duration; nothing when the text is none
     */
    public static Optional<Duration> parse(String text, ChronoUnit unit)
    {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches())
        {
            return Optional.empty();
        }
        ChronoUnit given = switch (form.group(2))
        {
            case "ms" -> ChronoUnit.MILLIS;
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            case "d" -> ChronoUnit.DAYS;
            default -> unit;
        };
        return Optional.of(Duration.of(Long.parseLong(form.group(1)), given));
    }
}
