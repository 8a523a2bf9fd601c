package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

import com.github.benmanes.caffeine.cache.Cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Applications that embed the module, with code as it stands in a document, compiled and packed for {@code java -jar}.
 */
final class ApplicationJar
{
    private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    private ApplicationJar()
    {
    }

    /**
     * @param document a document of the project
     * @param part what is in that code and in none before it
     * @return code of the document
     */
    static String code(String document, String part) throws IOException
    {
        return CODE.matcher(Files.readString(Path.of(document))).results()
            .map(code -> code.group(1))
            .filter(code -> code.contains(part))
            .findFirst()
            .orElseThrow();
    }

    /**
     * @param directory a directory of libraries
     * @param more further directories
     * @return our jar with what it needs, and the jars of those directories
     */
    static List<Path> withModule(Path directory, Path... more) throws IOException
    {
        List<Path> libraries = new ArrayList<>(List.of(JettyHome.jar(), place(Cache.class)));
        for (Path each : Stream.concat(Stream.of(directory), Stream.of(more)).toList())
        {
            try (Stream<Path> files = Files.list(each))
            {
                files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(libraries::add);
            }
        }
        return libraries;
    }

    private static Path place(Class<?> type)
    {
        try
        {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        }
        catch (URISyntaxException e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param base where to make it
     * @param source of the class {@code example.Application}
     * @param libraries its class path
     * @return a jar whose manifest opens to the module what it needs
     */
    static Path pack(JettyBase base, String source, List<Path> libraries) throws IOException
    {
        base.file("source/example/Application.java", source);
        Path classes = base.path().resolve("classes");
        String classPath = libraries.stream().map(Path::toString).collect(Collectors.joining(":"));
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "17", "-proc:none", "-cp", classPath, "-d",
            classes.toString(), base.path().resolve("source/example/Application.java").toString()));
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, "example.Application");
        attributes.put(Attributes.Name.CLASS_PATH,
            libraries.stream().map(library -> library.toUri().toString()).collect(Collectors.joining(" ")));
        attributes.put(new Attributes.Name("Add-Opens"), "java.base/sun.security.ssl");
        Path jar = base.path().resolve("application.jar");
        try (OutputStream out = Files.newOutputStream(jar); JarOutputStream zip = new JarOutputStream(out, manifest);
            Stream<Path> files = Files.list(classes.resolve("example")))
        {
            for (Path file : files.sorted().toList())
            {
                zip.putNextEntry(new ZipEntry("example/" + file.getFileName()));
                zip.write(Files.readAllBytes(file));
                zip.closeEntry();
            }
        }
        return jar;
    }
}
