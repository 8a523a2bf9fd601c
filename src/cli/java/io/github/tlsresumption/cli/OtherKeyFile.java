package io.github.tlsresumption.cli;

import java.nio.file.Path;

import picocli.CommandLine.Option;

/**
 * Where a copy goes to or comes from.
 */
final class OtherKeyFile
{
    @Option(names = "--other-passphrase-file", paramLabel = "FILE", description = "A file with the passphrase of the other file.")
    private Path passphraseFile;

    @Option(names = "--other-not-encrypted", description = "The other file is not encrypted.")
    private boolean plain;

    /**
     * @return the file with its passphrase, null without one
     */
    Path passphraseFile()
    {
        return passphraseFile;
    }
}
