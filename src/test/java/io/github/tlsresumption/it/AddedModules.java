package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Adds modules to a base by {@code start.jar --add-modules}. What that adds depends on the modules and the configuration that are there
 * before, so it is kept for the next base that is the same, by whichever process of the tests.
 */
final class AddedModules
{
    private AddedModules()
    {
    }

    /**
     * @param base the base
     * @param names of modules
     * @param startJar gives the command that runs start.jar with options
     */
    static void to(Path base, List<String> names, UnaryOperator<List<String>> startJar)
    {
        try
        {
            Map<Path, byte[]> before = contents(base);
            Path kept = JettyHome.scratch().resolve("modules").resolve(key(before, names));
            if (!Files.isDirectory(kept))
            {
                List<String> options = List.of("--add-modules=" + String.join(",", names), "--approve-all-licenses");
                Command.run(base, startJar.apply(options)).succeeded();
                keep(base, before, kept);
            }
            copy(kept, base, tree(kept));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static void keep(Path base, Map<Path, byte[]> before, Path kept) throws IOException
    {
        List<Path> added = tree(base).stream().filter(path -> !before.containsKey(path) || !MessageDigest.isEqual(before.get(path),
            content(base, path))).toList();
        Files.createDirectories(kept.getParent());
        Path made = Files.createTempDirectory(kept.getParent(), "new");
        copy(base, made, added);
        try
        {
            Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
        }
        catch (FileSystemException e)
        {
            // Another process of the tests may have been quicker.
            if (!Files.isDirectory(kept))
            {
                throw e;
            }
        }
    }

    private static void copy(Path from, Path to, List<Path> paths) throws IOException
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

    private static String key(Map<Path, byte[]> contents, List<String> names)
    {
        try
        {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path path : new TreeSet<>(contents.keySet()))
            {
                digest.update((path + "\n").getBytes(StandardCharsets.UTF_8));
                digest.update(contents.get(path));
            }
            digest.update((JettyHome.path() + " " + names).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    private static Map<Path, byte[]> contents(Path base) throws IOException
    {
        Map<Path, byte[]> contents = new HashMap<>();
        tree(base).forEach(path -> contents.put(path, content(base, path)));
        return contents;
    }

    /**
     * @return of configuration, which start.jar reads, all; of other files nothing
     */
    private static byte[] content(Path base, Path path)
    {
        boolean isRead = path.startsWith("start.d") || path.startsWith("modules");
        if (!isRead || Files.isDirectory(base.resolve(path)))
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

    private static List<Path> tree(Path root) throws IOException
    {
        try (Stream<Path> all = Files.walk(root))
        {
            return all.map(root::relativize).filter(path -> !path.toString().isEmpty()).toList();
        }
    }
}
