package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

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
            Path kept = JettyHome.scratch().resolve("modules").resolve(Tree.key(base, names.toString(), path -> true));
            if (!Files.isDirectory(kept))
            {
                Map<Path, byte[]> before = Tree.contents(base, path -> true);
                List<String> options = List.of("--add-modules=" + String.join(",", names), "--approve-all-licenses");
                Command.run(base, startJar.apply(options)).succeeded();
                keep(base, before, kept);
            }
            Tree.copy(kept, base, Tree.of(kept));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static void keep(Path base, Map<Path, byte[]> before, Path kept) throws IOException
    {
        List<Path> added = Tree.of(base).stream().filter(path -> !before.containsKey(path) || !MessageDigest.isEqual(before.get(path),
            Tree.content(base, path))).toList();
        Files.createDirectories(kept.getParent());
        Path made = Files.createTempDirectory(kept.getParent(), "new");
        Tree.copy(base, made, added);
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
}
