package io.github.tlsresumption.keys;

import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.PassphraseKey;
import io.github.tlsresumption.crypto.Random;

/**
 * Files of ticket keys under a passphrase whose key is derived by the least work that is allowed, to which whoever reads the file keeps:
 * for tests that are not about that work.
 */
public final class CheapKeyFile
{
    private static final int LEAST_MEMORY_KIB = 8 * 1024;

    private CheapKeyFile()
    {
    }

    /**
     * @param passphrase encrypts what it writes
     * @return writes so, and reads what was written in any way
     */
    static TicketKeyRingCodec codec(Supplier<char[]> passphrase)
    {
        return TicketKeyRingCodec.encrypted(passphrase,
            () -> new PassphraseKey.Parameters(LEAST_MEMORY_KIB, 1, 1, Random.bytes(PassphraseKey.SALT_BYTES)));
    }

    /**
     * @param file does not exist yet
     * @param passphrase encrypts it
     * @param ring what is in it
     */
    public static void write(Path file, String passphrase, TicketKeyRing ring) throws TicketKeyStoreException
    {
        try (FileTicketKeyStore store = new FileTicketKeyStore(file, codec(passphrase::toCharArray)))
        {
            store.compareAndSet(0, ring);
        }
    }

    /**
     * @param file does not exist yet
     * @param passphrase encrypts it
     * @return the ring in it, with one key, which seals
     */
    public static TicketKeyRing write(Path file, String passphrase) throws TicketKeyStoreException
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        write(file, passphrase, ring);
        return ring;
    }

    /**
     * @param file does not exist yet; without passphrase
     * @return the ring in it, with one key, which seals
     */
    public static TicketKeyRing write(Path file) throws TicketKeyStoreException
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        new FileTicketKeyStore(file).compareAndSet(0, ring);
        return ring;
    }
}
