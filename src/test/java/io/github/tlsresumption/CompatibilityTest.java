package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.jetty.JettyVersion;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The table of docs/compatibility.md says what is tested, by tests that exist, and names the versions of the build.
 */
class CompatibilityTest
{
    private static final Pattern TEST = Pattern.compile("`([A-Za-z0-9]+(?:Test|IT))`");
    private static final int COLUMNS = 4;

    @Test
    void eachCellSaysHowItIsTestedAndByWhat() throws IOException
    {
        Set<String> present;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java")))
        {
            present = files.map(file -> file.getFileName().toString().replaceFirst("\\.java$", "")).collect(Collectors.toSet());
        }
        List<String> rows = rows();
        assertTrue(rows.size() >= 10, rows::toString);
        for (String row : rows)
        {
            String[] cells = row.substring(1, row.length() - 1).split("\\|");
            assertEquals(COLUMNS, cells.length, row);
            String tested = cells[2].strip();
            assertTrue(Set.of("gate", "by hand", "refused", "no").contains(tested), row);
            List<String> tests = TEST.matcher(cells[COLUMNS - 1]).results().map(test -> test.group(1)).toList();
            assertEquals(tested.equals("gate") || tested.equals("refused"), !tests.isEmpty(), row);
            assertTrue(present.containsAll(tests), row);
        }
    }

    @Test
    void versionsAreThoseOfTheBuild() throws IOException
    {
        String table = String.join("\n", rows());
        String pom = Files.readString(Path.of("pom.xml"));
        for (String version : List.of(property(pom, "jetty.version"), property(pom, "jetty.home.version"),
            property(pom, "jetty.home.12.0.version"), property(pom, "h2.version"), boot("3.5"), boot("4")))
        {
            assertTrue(table.contains(version), version);
        }
    }

    @Test
    void theOldestThatAreTakenAreThoseThatAreTested() throws IOException
    {
        String pom = Files.readString(Path.of("pom.xml"));
        for (String version : List.of(property(pom, "jetty.home.version"), property(pom, "jetty.home.12.0.version")))
        {
            assertEquals(Optional.empty(), JettyVersion.obstacle(version));
            int last = version.lastIndexOf('.') + 1;
            int before = Integer.parseInt(version.substring(last)) - 1;
            assertTrue(JettyVersion.obstacle(version.substring(0, last) + before).isPresent(), version);
        }
    }

    private static List<String> rows() throws IOException
    {
        String text = Files.readString(Path.of("docs/compatibility.md"));
        return text.substring(text.indexOf("## What is tested"), text.indexOf("## JDK")).lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| |")).toList();
    }

    private static String property(String pom, String name)
    {
        return first("<" + Pattern.quote(name) + ">(.+?)<", pom);
    }

    private static String boot(String line) throws IOException
    {
        return first("<version>(.+?)<", Files.readString(Path.of("src/test/boot", line, "pom.xml")));
    }

    private static String first(String pattern, String text)
    {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), pattern);
        return matcher.group(1);
    }
}
