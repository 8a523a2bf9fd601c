package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Each promise of SECURITY.md is kept by tests that exist.
 */
class SecurityDocumentTest
{
    private static final Pattern TEST = Pattern.compile("`([A-Za-z0-9]+(?:Test|IT))`");

    @Test
    void everyPromiseNamesTestsThatExist() throws IOException
    {
        Set<String> present;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java")))
        {
            present = files.map(file -> file.getFileName().toString().replaceFirst("\\.java$", "")).collect(Collectors.toSet());
        }
        String text = Files.readString(Path.of("SECURITY.md"));
        List<String> promises = text.substring(text.indexOf("## Promises"), text.indexOf("## No promises")).lines()
            .filter(line -> line.startsWith("| ")).skip(1).toList();
        assertFalse(promises.isEmpty());
        for (String promise : promises)
        {
            assertTrue(TEST.matcher(promise).find(), promise);
        }
        Set<String> named = new TreeSet<>(TEST.matcher(text).results().map(result -> result.group(1)).toList());
        named.removeAll(present);
        assertEquals(Set.of(), named);
    }
}
