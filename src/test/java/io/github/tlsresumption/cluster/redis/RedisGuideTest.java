package io.github.tlsresumption.cluster.redis;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The table of commands in docs/cluster.md, by which operators plan a Redis.
 */
class RedisGuideTest
{
    private static final Pattern CALL = Pattern.compile("redis\\.p?call\\('(\\w+)'");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `cache`, full \\| 1 `EVAL` \\| ([^|]+) \\|");
    private static final Pattern NAME = Pattern.compile("`(\\w+)`");

    @Test
    void theScriptOfAFullHandshakeRunsWhatTheGuideSays() throws Exception
    {
        Set<String> run = all(CALL, SessionScripts.PUT);
        // For names that have expired alone.
        assertTrue(run.remove("ZREM"));
        Matcher row = ROW.matcher(Files.readString(Path.of("docs/cluster.md")));
        assertTrue(row.find());
        assertEquals(run, all(NAME, row.group(1)));
    }

    private static Set<String> all(Pattern pattern, String text)
    {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find())
        {
            found.add(matcher.group(1));
        }
        return found;
    }
}
