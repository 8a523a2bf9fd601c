package io.github.tlsresumption.cli;

import java.io.Console;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Drops all keys.
 */
@Command(name = "drop", mixinStandardHelpOptions = true, description = "Drops every key, for use when one may be stolen: no ticket opens "
    + "any more, and every session needs one full handshake. A new key seals at once.")
final class KeysDrop extends KeyFileCommand
{
    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Mixin
    private RotationTimes times;

    @Override
    Integer work(TicketKeyStore store) throws TicketKeyStoreException
    {
        KeyRotation rotation = times.rotation(newest(store), spec());
        if (!yes)
        {
            Console console = System.console();
            String answer = console == null ? null : console.readLine("Drop all ticket keys of %s? Every session will need a full "
                + "handshake. Type drop: ", file());
            if (!"drop".equals(answer))
            {
                throw new CannotException("nothing was dropped: it was not confirmed, neither here nor by --yes");
            }
        }
        manage(store, rotation, TicketKeyRingManager::dropAll);
        return Exit.WELL;
    }
}
