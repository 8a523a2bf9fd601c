package io.github.tlsresumption.cluster;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;

import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingCodec;
import io.github.tlsresumption.keys.TicketKeyRingFormatException;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * The ring as it is in a backend, under the cluster's passphrase, and what to tell an operator where it cannot be used. Thread-safe.
 */
public final class SealedRing implements AutoCloseable
{
    /** Two polls of the others, and one more for what they do then. */
    public static final Duration SETTLING = TicketKeyStore.POLL_INTERVAL.multipliedBy(3);

    private final TicketKeyRingCodec codec;
    private final String place;
    private final String removal;

    /**
     * @param passphrase gives it in a new array at each call
     * @param place where the ring is, for messages
     * @param removal what an operator types to take it away
     */
    public SealedRing(Supplier<char[]> passphrase, String place, String removal)
    {
        this.codec = TicketKeyRingCodec.encrypted(passphrase);
        this.place = place;
        this.removal = removal;
    }

    /**
     * @param passphrase gives it in a new array at each call, empty when there is none
     * @return whether there is one
     */
    public static boolean isSet(Supplier<char[]> passphrase)
    {
        char[] secret = passphrase.get();
        boolean isSet = secret.length > 0;
        Arrays.fill(secret, '\0');
        return isSet;
    }

    /**
     * @param ring any ring
     * @return the bytes for the backend
     * @throws TicketKeyStoreException when the passphrase cannot be had
     */
    public byte[] encode(TicketKeyRing ring) throws TicketKeyStoreException
    {
        try
        {
            return codec.encode(ring);
        }
        catch (RuntimeException e)
        {
            throw withoutPassphrase(e);
        }
    }

    /**
     * @param bytes from the backend
     * @return the ring
     * @throws TicketKeyStoreException when they are no ring, or none under this passphrase, or that cannot be had
     */
    public TicketKeyRing decode(byte[] bytes) throws TicketKeyStoreException
    {
        try
        {
            return codec.decode(bytes);
        }
        catch (TicketKeyRingFormatException e)
        {
            throw unusable(e.getMessage(), switch (e.reason())
            {
                case ENCRYPTED, NOT_ENCRYPTED, WRONG_PASSPHRASE ->
                    "set the same jetty.tlsResumption.ticketKeyPassphrase, or .ticketKeyPassphraseFile, on all nodes, or ";
                case UNKNOWN_FORMAT -> "run the release that wrote it, or a later one, or ";
                case CORRUPT, UNFIT_KEYS -> "";
            }, e);
        }
        catch (RuntimeException e)
        {
            throw withoutPassphrase(e);
        }
    }

    /**
     * @param why the ring cannot be used
     * @param mend what to do rather than to remove it, with " or " at its end; empty for nothing
     * @param cause may be null
     * @return that, for the operator
     */
    public TicketKeyStoreException unusable(String why, String mend, Exception cause)
    {
        return new TicketKeyStoreException(Kind.REFUSED, "the ticket key ring in " + place + " cannot be used: " + why
            + ". It is kept as it is. What to do: " + mend + removal + " (a running server then writes its ring anew; without one every "
            + "session needs one full handshake)", cause);
    }

    /*
     * What the codec throws besides is about the passphrase: it cannot be had, or is none.
     */
    private TicketKeyStoreException withoutPassphrase(RuntimeException cause)
    {
        return new TicketKeyStoreException(Kind.REFUSED, "the ticket key ring in " + place + " cannot be used: " + cause.getMessage(),
            cause);
    }

    /**
     * Overwrites the key derived from the passphrase.
     */
    @Override
    public void close()
    {
        codec.close();
    }
}
