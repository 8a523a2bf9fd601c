package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StartPropertiesTest
{
    @TempDir
    private Path scratch;

    @Test
    void whatTheLauncherHasMadeGoesWithItsDirectory() throws IOException
    {
        Path file = made("jetty.Ab3xY9/start.properties");

        StartProperties.delete(file.toString());
        assertFalse(Files.exists(file.getParent()));
        StartProperties.delete(file.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jetty.Ab3xY9/other.properties", "jetty/start.properties", "jetty.Ab3xY9x/start.properties"})
    void anythingElseStays(String name) throws IOException
    {
        Path file = made(name);

        StartProperties.delete(file.toString());
        assertTrue(Files.exists(file));
    }

    @Test
    void aDirectoryWithMoreInItStays() throws IOException
    {
        Path file = made("jetty.Ab3xY9/start.properties");
        Path other = made("jetty.Ab3xY9/other");

        StartProperties.delete(file.toString());
        assertFalse(Files.exists(file));
        assertTrue(Files.exists(other));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "start.properties", "\u0000"})
    void whatIsNoSuchPathIsPassedOver(String file)
    {
        StartProperties.delete(file);
    }

    private Path made(String name) throws IOException
    {
        Path file = scratch.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "password=secret");
    }
}
