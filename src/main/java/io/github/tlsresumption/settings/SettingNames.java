package io.github.tlsresumption.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Judges the properties of a start: each that is meant for a module of ours must be one that a module has. Stateless.
 */
public final class SettingNames
{
    /** Where an operator looks them up. */
    private static final String LIST = "remove it; the settings are in modules/tls-resumption*.mod";
    /** Which start.jar reads: where libraries come from. */
    private static final Set<String> LIBRARIES = Set.of("tls-resumption.accp.version", "tls-resumption.caffeine.version",
        "tls-resumption.commons-pool.version", "tls-resumption.conscrypt.version", "tls-resumption.h2.version",
        "tls-resumption.hikaricp.version", "tls-resumption.jdbc.driver", "tls-resumption.jedis.version",
        "tls-resumption.jspecify.version", "tls-resumption.micrometer.version", "tls-resumption.prometheus.version");
    private static final Map<String, Setting> SETTINGS =
        Stream.of(Setting.values()).collect(Collectors.toUnmodifiableMap(Setting::property, setting -> setting));
    private static final String OURS = "tlsresumption";
    private static final int TYPING_ERRORS = 2;
    /** A word of so many letters may have one typing error more. */
    private static final int LETTERS_PER_ERROR = 4;

    private SettingNames()
    {
    }

    /**
     * @return the names of all properties
     */
    public static Set<String> all()
    {
        return Stream.concat(SETTINGS.keySet().stream(), LIBRARIES.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * @param properties all that there are, be they ours or not
     * @return what is wrong with those that are meant for us, by their names; no values of settings that are unknown, which may be secret
     */
    public static List<Refusal> faults(Map<String, String> properties)
    {
        List<Refusal> faults = new ArrayList<>();
        new TreeMap<>(properties).forEach((name, value) ->
        {
            Setting setting = SETTINGS.get(name);
            if (setting != null)
            {
                setting.fault(value).ifPresent(faults::add);
            }
            else if (isMeantForUs(name) && !LIBRARIES.contains(name))
            {
                faults.add(unknown(name));
            }
        });
        return faults;
    }

    /**
     * @return whether the name begins as ours do, or with a typing error as ours do
     */
    private static boolean isMeantForUs(String name)
    {
        String[] words = name.split("\\.", -1);
        String first = letters(words[0]);
        if (first.equals("jetty") && words.length > 1)
        {
            return distance(letters(words[1]), OURS) <= TYPING_ERRORS;
        }
        return distance(first, OURS) <= TYPING_ERRORS || first.equals("jetty" + OURS);
    }

    private static Refusal unknown(String name)
    {
        String shown = name.replaceAll("\\p{Cntrl}", "?");
        String remedy = nearest(name).map(setting -> "did you mean " + setting + "?").orElse(LIST);
        return new Refusal(shown, "there is no such setting", remedy);
    }

    private static Optional<String> nearest(String name)
    {
        String wanted = end(name);
        int allowed = Math.max(TYPING_ERRORS, wanted.length() / LETTERS_PER_ERROR);
        return all().stream()
            .sorted(Comparator.comparing((String known) -> distance(wanted, end(known))).thenComparing(known -> known))
            .filter(known -> distance(wanted, end(known)) <= allowed)
            .findFirst();
    }

    /**
     * @return what comes after the beginning that all names have, without what an operator may have written otherwise
     */
    private static String end(String name)
    {
        String[] words = name.split("\\.", -1);
        int start = letters(words[0]).equals("jetty") ? 2 : 1;
        return letters(Arrays.stream(words).skip(start).collect(Collectors.joining()));
    }

    private static String letters(String name)
    {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /**
     * @return how many letters must be put in, left out or replaced to make one text the other (Levenshtein)
     */
    private static int distance(String one, String other)
    {
        int[] row = new int[other.length() + 1];
        for (int column = 0; column <= other.length(); column++)
        {
            row[column] = column;
        }
        for (int line = 1; line <= one.length(); line++)
        {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column <= other.length(); column++)
            {
                int replaced = diagonal + (one.charAt(line - 1) == other.charAt(column - 1) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(replaced, Math.min(row[column], row[column - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
