package io.github.tlsresumption.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A message that tells operators to change a setting names one that there is.
 */
class SettingLiteralsTest
{
    private static final String PREFIX = Setting.PREFIX;
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\\n]|\\\\.)*)\"");
    private static final Pattern JOINT = Pattern.compile("\"\\s*\\+\\s*\"");
    private static final Pattern NAME = Pattern.compile("jetty\\.tlsResumption((?:\\.[A-Za-z0-9]+)*\\.?)");
    /** As in "X, .lead and .lifetime". */
    private static final Pattern SHORT_NAME = Pattern.compile("(?<=[ (])\\.([a-z][A-Za-z0-9]*(?:\\.[A-Za-z0-9]+)*)");
    /** Settings of one group begin alike. */
    private static final Set<String> GROUPS = Set.of("rotation.", "client.", "redis.", "jdbc.", "admin.");

    @Test
    void eachSettingThatTheSourcesNameExists() throws Exception
    {
        Set<String> unknown = new TreeSet<>();
        int names = 0;
        for (Path source : sources())
        {
            for (String literal : literals(source))
            {
                List<String> named = named(literal);
                names += named.size();
                named.stream().filter(name -> !exists(name)).forEach(name -> unknown.add(source.getFileName() + ": " + name));
            }
        }
        assertEquals(Set.of(), unknown);
        assertTrue(names > 100, "the sources name " + names + " settings only");
    }

    private static List<Path> sources() throws IOException
    {
        List<Path> sources = new ArrayList<>();
        for (String root : List.of("src/main/java", "src/cli/java"))
        {
            try (Stream<Path> files = Files.walk(Path.of(root)))
            {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    private static List<String> literals(Path source) throws IOException
    {
        List<String> literals = new ArrayList<>();
        Matcher found = LITERAL.matcher(JOINT.matcher(Files.readString(source)).replaceAll(""));
        while (found.find())
        {
            literals.add(found.group(1));
        }
        return literals;
    }

    private static List<String> named(String literal)
    {
        List<String> named = new ArrayList<>();
        Matcher full = NAME.matcher(literal);
        while (full.find())
        {
            named.add(full.group());
        }
        Matcher brief = SHORT_NAME.matcher(literal);
        while (!named.isEmpty() && brief.find())
        {
            String end = brief.group(1);
            named.add(GROUPS.stream().map(group -> PREFIX + group + end).filter(SettingNames.all()::contains).findFirst()
                .orElse(PREFIX + end));
        }
        return named;
    }

    private static boolean exists(String name)
    {
        // A full stop may be that of the sentence.
        String word = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        return SettingNames.all().contains(word) || name.equals("jetty.tlsResumption") || name.equals(PREFIX)
            || GROUPS.stream().anyMatch(group -> name.equals(PREFIX + group));
    }
}
