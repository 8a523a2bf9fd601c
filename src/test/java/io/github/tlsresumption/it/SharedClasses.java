package io.github.tlsresumption.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Class data sharing between the Jettys of the tests: the first one that ends writes down the classes that it has loaded, and those after
 * it with the same class path start in two thirds of the processor time. The JVM compares class paths by their names, so the jars of a
 * base are taken from a place that all bases with the same jars have in common.
 */
final class SharedClasses
{
    private static final String CLASS_PATH = "--class-path";
    private static final String MODULE_PATH = "--module-path";
    private static final String USE = "-XX:SharedArchiveFile=";
    private static final String MAKE = "-XX:ArchiveClassesAtExit=";
    private static final String MADE = ".jsa";
    private static final String BEING_MADE = ".new";

    private SharedClasses()
    {
    }

    /**
     * @param base the base
     * @param command that starts its Jetty
     * @return a command that does the same with classes that are shared, or writes these down; or the command as it is, where it has
     *     modules of the JDK, or more than jars to load classes or resources from
     */
    static List<String> of(Path base, List<String> command)
    {
        int index = command.indexOf(CLASS_PATH) + 1;
        if (index == 0 || command.contains(MODULE_PATH))
        {
            return command;
        }
        try
        {
            List<String> path = List.of(command.get(index).split(File.pathSeparator));
            Optional<Path> jars = commonPlace(base, path);
            if (jars.isEmpty())
            {
                return command;
            }
            Path nothing = Files.createDirectories(root().resolve("nothing"));
            // What the command says of their place, such as that web applications do not see them, goes for the common place too.
            List<String> shared = new ArrayList<>(command.stream()
                .map(word -> word.replace(base + "/lib/", jars.get() + "/lib/")).toList());
            shared.set(index, shared.get(index).replace(resources(base).toString(), nothing.toString()));
            shared.addAll(1, options(command.get(0) + " " + shared.get(index)));
            return shared;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * To be called when a process has ended.
     *
     * @param command of the process
     * @param orderly whether it was not killed
     */
    static void ended(List<String> command, boolean orderly)
    {
        for (String word : command)
        {
            if (word.startsWith(MAKE))
            {
                publish(Path.of(word.substring(MAKE.length())), orderly);
            }
        }
    }

    private static void publish(Path written, boolean orderly)
    {
        try
        {
            if (orderly && Files.exists(written) && Files.size(written) > 0)
            {
                Path made = Path.of(written.toString().replace(BEING_MADE, MADE));
                Files.move(written, made, StandardCopyOption.ATOMIC_MOVE);
            }
            else
            {
                Files.deleteIfExists(written);
            }
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> options(String classPath) throws IOException
    {
        String name = UUID.nameUUIDFromBytes(classPath.getBytes(StandardCharsets.UTF_8)).toString();
        Path made = root().resolve(name + MADE);
        if (Files.exists(made))
        {
            return List.of(USE + made);
        }
        Path written = root().resolve(name + BEING_MADE);
        try
        {
            Files.createFile(written);
        }
        catch (FileAlreadyExistsException e)
        {
            // Another process writes it.
            return List.of();
        }
        // Which classes cannot be shared is of no interest, and would stand in the server's log.
        return List.of(MAKE + written, "-Xlog:disable");
    }

    /**
     * @return where the jars of the base are that stand in the class path, below {@code lib}; empty where there is more than jars
     */
    private static Optional<Path> commonPlace(Path base, List<String> classPath) throws IOException
    {
        List<Path> own = classPath.stream().map(Path::of).filter(path -> path.startsWith(base)).toList();
        List<Path> jars = own.stream().filter(Files::isRegularFile).toList();
        List<Path> directories = own.stream().filter(path -> !jars.contains(path)).toList();
        boolean isUsual = jars.stream().allMatch(jar -> jar.startsWith(base.resolve("lib")))
            && directories.stream().allMatch(directory -> directory.equals(resources(base)) && isUsual(directory));
        return isUsual ? Optional.of(copied(base, jars)) : Optional.empty();
    }

    /*
     * The module "resources" puts there what Jetty does anyway.
     */
    private static boolean isUsual(Path resources)
    {
        try (Stream<Path> files = Files.list(resources))
        {
            for (Path file : files.toList())
            {
                List<String> lines = Files.readAllLines(file);
                lines.removeIf(line -> line.isBlank() || line.startsWith("#"));
                if (!file.endsWith("jetty-logging.properties") || !lines.equals(List.of("org.eclipse.jetty.LEVEL=INFO")))
                {
                    return false;
                }
            }
            return true;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static Path copied(Path base, List<Path> jars) throws IOException
    {
        CRC32 contents = new CRC32();
        for (Path jar : jars)
        {
            contents.update(base.relativize(jar).toString().getBytes(StandardCharsets.UTF_8));
            contents.update(Files.readAllBytes(jar));
        }
        Path place = root().resolve("jars-" + Long.toHexString(contents.getValue()));
        if (!Files.exists(place))
        {
            Path made = Files.createTempDirectory(root(), "new");
            Tree.copy(base, made, jars.stream().map(base::relativize).toList());
            try
            {
                Files.move(made, place, StandardCopyOption.ATOMIC_MOVE);
            }
            catch (IOException e)
            {
                // Another process of the tests was quicker.
                if (!Files.exists(place))
                {
                    throw e;
                }
            }
        }
        return place;
    }

    private static Path resources(Path base)
    {
        return base.resolve("resources");
    }

    private static Path root() throws IOException
    {
        return Files.createDirectories(JettyHome.scratch().resolve("shared"));
    }
}
