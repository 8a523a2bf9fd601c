package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.tlsresumption.resumption.RefusalReason;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The documents explain a refusal as {@link RefusalReason} does.
 */
class RefusalDocumentsTest
{
    private static final Map<String, String> MEANINGS = Arrays.stream(RefusalReason.values())
        .collect(Collectors.toMap(RefusalReason::toString, RefusalReason::meaning, (one, other) -> one, TreeMap::new));
    private static final Pattern EXPLAINED = Pattern.compile("^\\| `([a-z0-9-]+)` \\| (.*) \\|$", Pattern.MULTILINE);
    private static final Pattern COUNTED = Pattern.compile("^\\| \\*\\*`([a-z0-9-]+)` is counted[^|]*\\| (.*) \\|$", Pattern.MULTILINE);
    private static final Pattern LINK_AT_THE_END = Pattern.compile(" See \\[[^]]+]\\([^)]+\\)\\.$");

    @Test
    void theDocumentExplainsEachReasonInTheSameWords() throws IOException
    {
        String text = Files.readString(Path.of("docs/operations.md"));
        int begin = text.indexOf("| reason | means |");
        Map<String, String> explained = new TreeMap<>();
        Matcher row = EXPLAINED.matcher(text.substring(begin, text.indexOf("\n\n", begin)));
        while (row.find())
        {
            explained.put(row.group(1), unmarked(LINK_AT_THE_END.matcher(row.group(2)).replaceFirst("")));
        }

        assertEquals(MEANINGS, explained);
    }

    @Test
    void troubleshootingBeginsWithTheSameSentence() throws IOException
    {
        Matcher row = COUNTED.matcher(Files.readString(Path.of("docs/troubleshooting.md")));
        int found = 0;
        while (row.find())
        {
            String meaning = MEANINGS.get(row.group(1));
            assertNotNull(meaning, row.group());
            assertTrue(unmarked(row.group(2)).startsWith(meaning.split("\\.( |$)")[0]), row.group());
            found++;
        }

        assertFalse(found == 0);
    }

    private static String unmarked(String markdown)
    {
        return markdown.replace("`", "").replace("**", "");
    }
}
