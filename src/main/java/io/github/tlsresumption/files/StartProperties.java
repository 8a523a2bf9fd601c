package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which the launcher, {@code bin/tls-resumption-start}, gives the server its properties, passwords among them. It is for one
 * start alone. Stateless.
 */
public final class StartProperties
{
    private static final Logger LOG = LoggerFactory.getLogger(StartProperties.class);
    /** The launcher sets it. */
    private static final String VARIABLE = "TLS_RESUMPTION_START_PROPERTIES";
    private static final String NAME = "start.properties";
    private static final Pattern DIRECTORY = Pattern.compile("jetty\\.[A-Za-z0-9]{6}");

    private StartProperties()
    {
    }

    /**
     * Deletes the file and its directory, if the launcher has started this process. To be called when the properties were read.
     */
    public static void delete()
    {
        String file = System.getenv(VARIABLE);
        if (file != null)
        {
            delete(file);
        }
    }

    /**
     * @param file what the launcher has made; anything else stays
     */
    static void delete(String file)
    {
        try
        {
            Path properties = Path.of(file);
            Path directory = properties.getParent();
            if (!properties.endsWith(NAME) || directory == null || directory.getFileName() == null
                || !DIRECTORY.matcher(directory.getFileName().toString()).matches())
            {
                return;
            }
            Files.deleteIfExists(properties);
            Files.deleteIfExists(directory);
        }
        catch (IOException | InvalidPathException e)
        {
            LOG.warn("The properties of this start, passwords among them, stay in {}: {}", file, e.toString());
        }
    }
}
