package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * The properties that docs/deploy.md tells an operator to set, for the tests that run them.
 */
final class Documented
{
    private static final String BEGIN = "```properties";
    private static final String END = "```";

    private Documented()
    {
    }

    /**
     * @param heading of a section
     * @param places by the directories that stand there, those of the test
     * @return the lines with properties in that section
     * @throws IOException when the document cannot be read
     */
    static List<String> properties(String heading, Map<String, Path> places) throws IOException
    {
        List<String> found = new ArrayList<>();
        boolean isInSection = false;
        boolean isInBlock = false;
        for (String line : Files.readAllLines(Path.of("docs/deploy.md")))
        {
            if (line.startsWith("#"))
            {
                isInSection = line.replaceFirst("^#+ ", "").equals(heading);
            }
            else if (line.equals(BEGIN))
            {
                isInBlock = isInSection;
            }
            else if (line.equals(END))
            {
                isInBlock = false;
            }
            else if (isInBlock)
            {
                found.add(inPlace(line, places));
            }
        }
        assertFalse(found.isEmpty(), heading);
        return found;
    }

    private static String inPlace(String line, Map<String, Path> places)
    {
        String placed = line;
        for (Map.Entry<String, Path> place : places.entrySet())
        {
            placed = placed.replace("=" + place.getKey() + "/", "=" + place.getValue() + "/");
        }
        return placed;
    }
}
