package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class SecretFileTest
{
    private static final String SETTING = "the.setting";
    private static final int STRANGER = 12_345;

    @TempDir
    private Path scratch;
    private Path directory;
    private Path file;

    @BeforeEach
    void make() throws IOException
    {
        directory = Files.createDirectory(scratch.toRealPath().resolve("secrets"));
        Files.setAttribute(directory, "unix:mode", 0755);
        file = Files.writeString(directory.resolve("secret"), "hush");
        Files.setAttribute(file, "unix:mode", 0600);
    }

    private boolean isRoots() throws IOException
    {
        return Files.getAttribute(file, "unix:uid").equals(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"600", "400"})
    void whatIsItsOwnersAloneIsTaken(String mode) throws IOException
    {
        Files.setAttribute(file, "unix:mode", Integer.parseInt(mode, 8));
        assertEquals(Optional.empty(), SecretFile.fault(file, SETTING));
    }

    @ParameterizedTest
    @ValueSource(strings = {"440", "640"})
    void rootMayLetAGroupReadIt(String mode) throws IOException
    {
        Files.setAttribute(file, "unix:mode", Integer.parseInt(mode, 8));
        assertEquals(isRoots(), SecretFile.fault(file, SETTING).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"644", "604", "444", "660", "602", "620", "610", "601", "666", "777"})
    void whatOthersMayReadOrWriteIsNamedWithTheCommandThatMendsIt(String mode) throws IOException
    {
        Files.setAttribute(file, "unix:mode", Integer.parseInt(mode, 8));
        assertFault("the.setting", "mode " + mode, "chmod 600 " + file);
    }

    @Test
    void aFileOrDirectoryOfAnotherUserIsNamed() throws IOException
    {
        assumeTrue(isRoots(), "only root may give files away");
        Files.setAttribute(directory, "unix:uid", STRANGER);
        assertFault("neither to root nor to the user of this process");
        Files.setAttribute(directory, "unix:uid", 0);
        Files.setAttribute(file, "unix:uid", STRANGER);
        assertFault("belongs to another user", "chown root " + file);
    }

    @ParameterizedTest
    @CsvSource({"775, false", "757, false", "777, false", "1777, true", "700, true"})
    void aDirectoryWhereOthersMayExchangeItIsNamedUnlessSticky(String mode, boolean isSafe) throws IOException
    {
        Files.setAttribute(directory, "unix:mode", Integer.parseInt(mode, 8));
        if (isSafe)
        {
            assertEquals(Optional.empty(), SecretFile.fault(file, SETTING));
        }
        else
        {
            assertFault("chmod go-w " + directory);
        }
    }

    @Test
    void linksAreFollowedAsPlatformsMountSecrets() throws IOException
    {
        Path data = Files.createDirectory(directory.resolve("..2026_11_29"));
        Path real = Files.move(file, data.resolve("secret"));
        Files.createSymbolicLink(directory.resolve("..data"), data.getFileName());
        Files.createSymbolicLink(file, Path.of("..data", "secret"));
        assertEquals(Optional.empty(), SecretFile.fault(file, SETTING));
        Files.setAttribute(real, "unix:mode", 0644, LinkOption.NOFOLLOW_LINKS);
        assertFault("chmod 600 " + real);
    }

    @Test
    void whatIsNoFileIsNamed() throws IOException
    {
        assertTrue(SecretFile.fault(directory, SETTING).orElse("").contains("not a regular file"));
    }

    @Test
    void ofKeysItIsTheirModeInTheMountThatIsNamedFirst() throws IOException
    {
        Files.setAttribute(file, "unix:mode", 0644);
        String fault = SecretFile.faultOfKeys(file, SETTING).orElse("none");
        assertTrue(fault.contains("(mode 644), who may know the keys: set defaultMode to 0440 "), fault);
        assertTrue(fault.contains("chmod 600 " + file), fault);
    }

    private void assertFault(String... texts) throws IOException
    {
        String fault = SecretFile.fault(file, SETTING).orElse("none");
        for (String text : texts)
        {
            assertTrue(fault.contains(text), fault);
        }
    }
}
