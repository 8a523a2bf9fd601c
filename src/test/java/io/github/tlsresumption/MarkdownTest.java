package io.github.tlsresumption;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Lines of the documents are not too long to be read in a terminal or in a comparison of two versions.
 */
class MarkdownTest
{
    private static final int LONGEST = 120;
    private static final Pattern FENCE = Pattern.compile("\\s*(```|~~~).*");
    /** What Markdown has on one line: rows of tables, headings, images and badges, definitions of links. */
    private static final Pattern ONE_LINE = Pattern.compile("\\s*(\\||#{1,6} |!\\[|\\[!\\[|\\[[^]]+]: ).*");
    private static final Pattern MARKER = Pattern.compile("^\\s*([-*+>]\\s+|\\d+[.)]\\s+)?");
    private static final Pattern CODE = Pattern.compile("(`+).*?\\1");

    static Stream<Path> documents() throws IOException
    {
        List<Path> all = new ArrayList<>(Stream.of("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md").map(Path::of).toList());
        try (Stream<Path> files = Files.list(Path.of("docs")))
        {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(all::add);
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linesThatCanBeWrappedAreWrapped(Path document)
    {
        assertEquals(List.of(), tooLong(document.toString(), lines(document)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"| a row of a table ", "## A heading ", "[![a badge](", "[a definition]: https://", "`a code span "})
    void whatMarkdownCannotWrapMayBeLonger(String begin)
    {
        String line = begin + "word ".repeat(30) + "`";

        assertEquals(List.of(), tooLong("x.md", List.of(line)));
        assertEquals(List.of(), tooLong("x.md", List.of("- https://" + "example".repeat(20))));
        assertEquals(List.of(), tooLong("x.md", List.of("```", "word ".repeat(30), "```")));
    }

    @Test
    void aLineThatIsTooLongIsNamedWithItsFileAndNumber()
    {
        String text = "word ".repeat(25);

        assertEquals(List.of("x.md:2 has 125 characters", "x.md:6 has 127 characters"),
            tooLong("x.md", List.of("short", text, "```", text, "```", "- " + text)));
    }

    private static List<String> lines(Path document)
    {
        try
        {
            return Files.readAllLines(document);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> tooLong(String name, List<String> lines)
    {
        List<String> found = new ArrayList<>();
        boolean fenced = false;
        for (int i = 0; i < lines.size(); i++)
        {
            String line = lines.get(i);
            if (FENCE.matcher(line).matches())
            {
                fenced = !fenced;
            }
            else if (!fenced && line.length() > LONGEST && canBeWrapped(line))
            {
                found.add(name + ":" + (i + 1) + " has " + line.length() + " characters");
            }
        }
        return found;
    }

    private static boolean canBeWrapped(String line)
    {
        String marked = MARKER.matcher(line).replaceFirst(match -> "x".repeat(match.group().length()));
        String words = CODE.matcher(marked).replaceAll(match -> "x".repeat(match.group().length()));
        return !ONE_LINE.matcher(line).matches() && words.substring(0, LONGEST + 1).contains(" ");
    }
}
