package io.github.tlsresumption.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which values a setting takes. Immutable.
 */
@FunctionalInterface
interface Kind
{
    /** Any text, blank for none. */
    Kind TEXT = (name, value) -> Optional.empty();

    /**
     * @param name of the setting
     * @param value not null
     * @return why the setting does not take the value; nothing when it does
     */
    Optional<Refusal> fault(String name, String value);

    /**
     * @param words the values, in any case
     * @return one of some words
     */
    static Kind words(String... words)
    {
        List<String> all = List.of(words);
        String last = all.get(all.size() - 1);
        String remedy = "set " + (all.size() == 1 ? last : String.join(", ", all.subList(0, all.size() - 1)) + " or " + last);
        return (name, value) -> all.contains(value.strip().toLowerCase(Locale.ROOT)) ? Optional.empty()
            : refused(name, value, "is unknown", remedy);
    }

    /**
     * @return {@code true} or {@code false}, and nothing that merely looks like it
     */
    static Kind truth()
    {
        return (name, value) -> List.of("true", "false").contains(value.strip().toLowerCase(Locale.ROOT)) ? Optional.empty()
            : refused(name, value, "is neither true nor false",
                value.isBlank() ? "set true or false" : "set one of them");
    }

    /**
     * @param least the least value
     * @param most the greatest value; {@link Integer#MAX_VALUE} for no other bound
     * @return a whole number
     */
    static Kind number(int least, int most)
    {
        Pattern digits = Pattern.compile("-?\\d{1,18}");
        String remedy = most == Integer.MAX_VALUE ? "set at least " + least : "set " + least + " to " + most;
        return (name, value) ->
        {
            if (!digits.matcher(value.strip()).matches())
            {
                return refused(name, value, "is no whole number", remedy);
            }
            long number = Long.parseLong(value.strip());
            return number >= least && number <= most ? Optional.empty() : refused(name, value, "is out of range", remedy);
        };
    }

    /**
     * @param most the longest, at least 1 of the unit
     * @param unit of a number without one, seconds or milliseconds
     * @return a duration
     */
    static Kind duration(Duration most, ChronoUnit unit)
    {
        boolean isMillis = unit == ChronoUnit.MILLIS;
        String remedy = isMillis ? "set 1 to " + most.toMillis() + " milliseconds, such as 50 or 50ms"
            : "set 1 to " + most.toSeconds() + " seconds, such as 90, 90s, 30m or 1h";
        return (name, value) ->
        {
            Optional<Duration> duration = Durations.parse(value, unit);
            if (duration.isEmpty())
            {
                return refused(name, value, "is no duration", remedy);
            }
            boolean fits = duration.get().compareTo(Duration.of(1, unit)) >= 0 && duration.get().compareTo(most) <= 0
                && (isMillis || duration.get().toMillisPart() == 0);
            return fits ? Optional.empty() : refused(name, value, "is out of range", remedy);
        };
    }

    /**
     * @param pattern what all values match
     * @param remedy says so
     * @return text of that form
     */
    static Kind form(String pattern, String remedy)
    {
        Pattern form = Pattern.compile(pattern);
        return (name, value) -> form.matcher(value.strip()).matches() ? Optional.empty()
            : refused(name, value, "is not possible", remedy);
    }

    private static Optional<Refusal> refused(String name, String value, String fault, String remedy)
    {
        String problem = value.isBlank() ? "is empty" : shown(value) + " " + fault;
        return Optional.of(new Refusal(name, problem, remedy + ", or remove the setting for its default"));
    }

    private static String shown(String value)
    {
        String shown = value.replaceAll("\\p{Cntrl}", "?");
        return "'" + (shown.length() <= 60 ? shown : shown.substring(0, 60) + "...") + "'";
    }
}
