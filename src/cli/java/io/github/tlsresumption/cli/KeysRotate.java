package io.github.tlsresumption.cli;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Brings a new key before its time.
 */
@Command(name = "rotate", mixinStandardHelpOptions = true, description = "Makes a new key before its time. It seals after the lead; "
    + "sessions go on. Times that are not given are those of the newest key.")
final class KeysRotate extends KeyFileCommand
{
    @Mixin
    private RotationTimes times;

    @Override
    Integer work(TicketKeyStore store) throws TicketKeyStoreException
    {
        KeyRotation rotation = times.rotation(newest(store), spec());
        manage(store, rotation, TicketKeyRingManager::rotateNow);
        return Exit.WELL;
    }
}
