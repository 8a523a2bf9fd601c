package io.github.tlsresumption.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.files.GuardedFile;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The command that an operator has typed, as another user has to type it. Stateless.
 */
final class SameCommand
{
    private static final String JAR = ".jar";

    private SameCommand()
    {
    }

    /**
     * @param owned by the other user
     * @param spec of the command
     * @return what runs it as that user
     * @throws IOException when the owner cannot be found out
     */
    static String as(Path owned, CommandSpec spec) throws IOException
    {
        String owner = Files.getOwner(owned).getName();
        // One without a name on this host, as in containers.
        String user = owner.chars().allMatch(Character::isDigit) ? "'#" + owner + "'" : owner;
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return Stream.concat(Stream.of("sudo -u " + user, program()), arguments.stream().map(word -> GuardedFile.quoted(Path.of(word))))
            .collect(Collectors.joining(" "));
    }

    private static String program()
    {
        try
        {
            Path place = Path.of(SameCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return place.toString().endsWith(JAR) ? "java -jar " + GuardedFile.quoted(place) : "tls-resumption";
        }
        catch (URISyntaxException e)
        {
            throw new IllegalStateException(e);
        }
    }
}
