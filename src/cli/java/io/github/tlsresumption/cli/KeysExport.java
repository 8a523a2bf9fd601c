package io.github.tlsresumption.cli;

import java.nio.file.Path;

import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Copies the ring to a new file, under another passphrase.
 */
@Command(name = "export", mixinStandardHelpOptions = true, description = {"Copies the keys to a new file, under another "
    + "passphrase: for another host, or to change or add a passphrase (then stop the servers and rename it over the old file).",
    "The two files rotate independently from then on: hosts that must keep the same keys need a shared store."})
final class KeysExport extends KeyFileCommand
{
    @Option(names = "--to", required = true, paramLabel = "FILE", description = "The new file, which must not exist.")
    private Path to;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private OtherKeyFile other;

    @Override
    Integer work(TicketKeyStore store) throws TicketKeyStoreException
    {
        TicketKeyRing ring = ring(store);
        try (TicketKeyStore target = open(made(to, "--to"), other.passphraseFile(), false))
        {
            if (!target.compareAndSet(0, ring))
            {
                throw new CannotException("--to: there is a ticket key file " + to + " already; it stays as it is: name a new one");
            }
            show(target, ring);
            return Exit.WELL;
        }
        finally
        {
            forget(ring);
        }
    }
}
