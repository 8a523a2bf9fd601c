package io.github.tlsresumption.cli;

import java.io.IOException;
import java.nio.file.Files;

import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import picocli.CommandLine.Command;

/**
 * Shows ids, states, times and exposure.
 */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Shows ids, states and times of the keys, and the exposure.")
final class KeysList extends KeyFileCommand
{
    @Override
    Integer work(TicketKeyStore store) throws TicketKeyStoreException
    {
        try
        {
            list(store);
        }
        catch (TicketKeyStoreException e)
        {
            if (!isMounted())
            {
                throw e;
            }
            try (TicketKeyStore mounted = openMounted())
            {
                list(mounted);
            }
        }
        return Exit.WELL;
    }

    private void list(TicketKeyStore store) throws TicketKeyStoreException
    {
        TicketKeyRing ring = ring(store);
        show(store, ring);
        forget(ring);
    }

    /**
     * Platforms mount a secret by links, and as a file of root that a group may read.
     */
    private boolean isMounted()
    {
        try
        {
            return Files.isSymbolicLink(file()) && !Files.isSameFile(file().toRealPath().getParent(), file().getParent());
        }
        catch (IOException e)
        {
            return false;
        }
    }
}
