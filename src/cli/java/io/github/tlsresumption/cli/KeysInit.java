package io.github.tlsresumption.cli;

import java.nio.file.Path;
import java.util.Optional;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Makes a file with a first key.
 */
@Command(name = "init", mixinStandardHelpOptions = true, description = "Makes a key file with a first key, which seals at once. "
    + "A server makes one by itself; use this for files that are copied to several hosts.")
final class KeysInit extends KeyFileCommand
{
    @Mixin
    private RotationTimes times;

    @Override
    Path place(Path given)
    {
        return made(given, "KEY-FILE");
    }

    @Override
    Integer work(TicketKeyStore store) throws TicketKeyStoreException
    {
        KeyRotation rotation = times.rotation(Optional.empty(), spec());
        Optional<TicketKeyRing> there = store.load();
        there.ifPresent(KeyFileCommand::forget);
        if (there.isPresent())
        {
            throw new CannotException("there is a ticket key file " + file() + " already; it stays as it is");
        }
        manage(store, rotation, TicketKeyRingManager::ring);
        return Exit.WELL;
    }
}
