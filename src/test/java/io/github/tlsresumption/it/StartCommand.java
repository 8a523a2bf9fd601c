package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The command by which {@code start.jar} starts Jetty, as {@code --dry-run} tells it. But for the base's place and its properties it is
 * the same for every base of the same modules and files on one JDK, so start.jar is asked once for all of these.
 */
final class StartCommand
{
    private static final Pattern PROPERTY = Pattern.compile("[\\w.-]+=.*");
    /** To this one start.jar adds what modules have of it. */
    private static final String ADDED_TO = "jetty.webapp.addHiddenClasses=";
    private static final String MAIN = "org.eclipse.jetty.xml.XmlConfiguration";
    private static final String PLACE = "{base}";

    private StartCommand()
    {
    }

    /**
     * @param base the base
     * @param ini the file with the properties and lines of the test
     * @param options for start.jar
     * @param ask asks start.jar, with options that are no properties
     * @return the command, word by word
     */
    static List<String> of(Path base, Path ini, List<String> options, Function<List<String>, List<String>> ask)
    {
        try
        {
            List<String> lines = Files.exists(ini) ? Files.readAllLines(ini) : List.of();
            List<String> shaping = options.stream().filter(Predicate.not(StartCommand::isProperty)).toList();
            List<String> shapingLines = lines.stream().filter(Predicate.not(StartCommand::isProperty)).toList();
            String shape = JettyHome.java() + " " + shaping + " " + shapingLines;
            Path kept = JettyHome.scratch().resolve("commands").resolve(Tree.key(base, shape,
                path -> isRead(path) && !base.resolve(path).equals(ini)));
            if (!Files.exists(kept))
            {
                // Without the properties, which would be in the command of the next base too.
                Files.write(ini, shapingLines);
                List<String> told = ask.apply(shaping);
                Files.write(ini, lines);
                keep(told.stream().map(word -> word.replace(base.toString(), PLACE)).toList(), kept);
            }
            List<String> command = new ArrayList<>(Files.readAllLines(kept).stream()
                .map(word -> word.replace(PLACE, base.toString())).toList());
            Stream.of(lines, options).flatMap(List::stream).filter(StartCommand::isProperty).forEach(property -> set(command, property));
            return command;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static void keep(List<String> words, Path kept) throws IOException
    {
        Files.createDirectories(kept.getParent());
        Path made = Files.createTempFile(kept.getParent(), "new", "");
        Files.write(made, words);
        // Another process of the tests that was quicker has written the same.
        Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void set(List<String> command, String property)
    {
        String name = property.substring(0, property.indexOf('=') + 1);
        command.removeIf(word -> word.startsWith(name));
        int main = command.stream().map(word -> word.endsWith(MAIN)).toList().indexOf(true);
        command.add(main + 1, property);
    }

    private static boolean isProperty(String line)
    {
        return PROPERTY.matcher(line).matches() && !line.startsWith("-") && !line.startsWith(ADDED_TO);
    }

    /*
     * Names of jars and XML files count, and what is in the configuration.
     */
    private static boolean isRead(Path path)
    {
        String top = path.getName(0).toString();
        return Stream.of("start.d", "start.ini", "modules", "lib", "environments", "resources").anyMatch(top::equals)
            || path.toString().endsWith(".xml");
    }
}
