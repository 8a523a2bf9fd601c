package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The files of a base, as {@code start.jar} sees them: what is in the configuration, and of other files that they are there.
 */
final class Tree
{
    private Tree()
    {
    }

    /**
     * @param root a directory
     * @return all below it, relative to it
     */
    static List<Path> of(Path root) throws IOException
    {
        try (Stream<Path> all = Files.walk(root))
        {
            return all.map(root::relativize).filter(path -> !path.toString().isEmpty()).toList();
        }
    }

    /**
     * @param base a base
     * @param which paths count
     * @return what start.jar sees of each, in the order of their names
     */
    static Map<Path, byte[]> contents(Path base, Predicate<Path> which) throws IOException
    {
        Map<Path, byte[]> contents = new TreeMap<>();
        of(base).stream().filter(which).forEach(path -> contents.put(path, content(base, path)));
        return contents;
    }

    /**
     * @param base a base
     * @param more what else is different where the key is to be another
     * @param which paths count
     * @return a name that bases have in common for which start.jar does the same
     */
    static String key(Path base, String more, Predicate<Path> which) throws IOException
    {
        try
        {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            contents(base, which).forEach((path, content) ->
            {
                digest.update((path + "\n").getBytes(StandardCharsets.UTF_8));
                digest.update(content);
            });
            digest.update((JettyHome.path() + " " + more).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * @param base a base
     * @param path a path in it
     * @return of configuration all; of other files nothing
     */
    static byte[] content(Path base, Path path)
    {
        boolean isConfiguration = path.startsWith("start.d") || path.startsWith("start.ini") || path.startsWith("modules");
        if (!isConfiguration || Files.isDirectory(base.resolve(path)))
        {
            return new byte[0];
        }
        try
        {
            return Files.readAllBytes(base.resolve(path));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param from a directory
     * @param to another, which takes copies and keeps what it has besides
     * @param paths relative to both
     */
    static void copy(Path from, Path to, List<Path> paths) throws IOException
    {
        for (Path path : paths)
        {
            Path target = to.resolve(path);
            if (Files.isDirectory(from.resolve(path)))
            {
                Files.createDirectories(target);
            }
            else
            {
                Files.createDirectories(target.getParent());
                Files.copy(from.resolve(path), target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
