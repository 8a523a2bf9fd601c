package io.github.tlsresumption.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Takes a ring from another file.
 */
@Command(name = "import", mixinStandardHelpOptions = true, description = {"Copies the keys of another file of this module into the key "
    + "file: a new one, or one of which the other is a later version.",
    "Ticket key files of nginx, Apache or HAProxy (48 or 80 bytes) are rejected: their tickets hold sessions of OpenSSL, which no JDK "
        + "can resume."})
final class KeysImport extends KeyFileCommand
{
    private static final List<Long> FOREIGN_SIZES = List.of(48L, 80L);
    private static final byte[] OURS = "jetty-tls-resumption".getBytes(StandardCharsets.US_ASCII);

    @Option(names = "--from", required = true, paramLabel = "FILE", description = "The file to read.")
    private Path from;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private OtherKeyFile other;

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
        refuseForeign();
        try (TicketKeyStore source = open(found(from), other.passphraseFile(), false))
        {
            TicketKeyRing ring = source.load().orElseThrow(() -> new CannotException("--from: there is no file " + from));
            Optional<TicketKeyRing> present = store.load();
            try
            {
                KeyRotation rotation = times.rotation(ring.keys().stream().max(Comparator.comparing(TicketKey::sealFrom)), spec());
                Optional<String> fault = present.flatMap(old -> rotation.illegal(old, ring, Instant.now()));
                boolean same = present.isPresent() && present.get().version() == ring.version();
                if (fault.isPresent() || same)
                {
                    throw new CannotException("nothing was imported: " + fault.orElse(file() + " has these keys already"));
                }
                if (!store.compareAndSet(present.map(TicketKeyRing::version).orElse(0L), ring))
                {
                    throw new CannotException("nothing was imported: " + file() + " has changed meanwhile, try again");
                }
                show(store, ring);
                return Exit.WELL;
            }
            finally
            {
                forget(ring);
                present.ifPresent(KeyFileCommand::forget);
            }
        }
    }

    private void refuseForeign()
    {
        try (InputStream in = Files.newInputStream(from))
        {
            boolean ours = Arrays.equals(in.readNBytes(OURS.length), OURS);
            if (!ours && FOREIGN_SIZES.contains(Files.size(from)))
            {
                throw new CannotException(from + " has " + Files.size(from) + " bytes, as a ticket key file of nginx, Apache or "
                    + "HAProxy. Its keys are of no use here: tickets under them hold a session as OpenSSL writes it, which SunJSSE "
                    + "cannot go on with, and the keys have neither ids nor times. Let clients do one full handshake");
            }
        }
        catch (IOException e)
        {
            throw new CannotException(from + " cannot be read: " + e.getMessage(), e);
        }
    }
}
