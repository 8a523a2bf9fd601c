package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingCodec;
import io.github.tlsresumption.keys.TicketKeyRingFormatException;
import io.github.tlsresumption.ticket.Ticket;

/**
 * Somebody who has read the key file of a server, and all that went over the wire.
 */
final class Thief
{
    private static final int KEY_NUMBER_BYTES = 4;
    private static final int IV_BYTES = 16;
    private static final int HEAD_BYTES = ModuleBase.ticketPrefix();
    /** Newer releases of SunJSSE tell here whether a state is compressed. */
    private static final int FLAG_BYTES = HEAD_BYTES - KEY_NUMBER_BYTES - IV_BYTES;
    private static final int VERSION_BYTES = 1;
    private static final int BLOCK_BYTES = 16;

    private final TicketKeyRing ring;

    private Thief(TicketKeyRing ring)
    {
        this.ring = ring;
    }

    /**
     * @param keyFile a key file that is not encrypted
     * @return who has it
     */
    static Thief of(Path keyFile)
    {
        try
        {
            return new Thief(TicketKeyRingCodec.plain().decode(Files.readAllBytes(keyFile)));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        catch (TicketKeyRingFormatException e)
        {
            throw new AssertionError(e);
        }
    }

    List<TicketKey> keys()
    {
        return ring.keys();
    }

    /**
     * @param ticket as it was on the wire
     * @return the id of the ticket key that it names
     */
    static long keyId(byte[] ticket)
    {
        return ByteBuffer.wrap(ticket).getLong(HEAD_BYTES + VERSION_BYTES);
    }

    /**
     * @param ticket as it was on the wire
     * @return what is in it, if one of the keys opens it
     */
    Optional<Ticket.Opened> open(byte[] ticket)
    {
        if (ModuleBase.isOpenSsl())
        {
            return librarysState(ticket).flatMap(OpenSslTicket::data);
        }
        if (ticket.length < HEAD_BYTES)
        {
            return Optional.empty();
        }
        byte[] ours = Arrays.copyOfRange(ticket, HEAD_BYTES, ticket.length);
        OptionalLong id = Ticket.keyId(ours);
        Optional<TicketKey> key = ring.keys().stream().filter(one -> id.isPresent() && one.id() == id.getAsLong()).findFirst();
        // What SunJSSE gives as associated data is its key number, or nothing.
        return key.flatMap(one -> Ticket.open(one.cipher(), ours, associatedData(ticket, KEY_NUMBER_BYTES))
            .or(() -> Ticket.open(one.cipher(), ours, associatedData(ticket, 0))));
    }

    /**
     * @param ticket as it was on the wire
     * @return the state of a library that seals by itself, if one of the keys opens it
     */
    Optional<byte[]> librarysState(byte[] ticket)
    {
        return ModuleBase.isOpenSsl() ? OpenSslTicket.state(ring, ticket) : Optional.empty();
    }

    /**
     * @param ticket as it was on the wire, of mode {@code cache}
     * @param sessionKey a key that may be the session's
     * @return the session's state, if it is
     */
    Optional<byte[]> state(byte[] ticket, byte[] sessionKey)
    {
        return open(ticket).flatMap(opened -> Ticket.openPayload(new Aes256Gcm(sessionKey), opened));
    }

    private static byte[] associatedData(byte[] ticket, int numberBytes)
    {
        byte flag = FLAG_BYTES == 0 ? 0 : ticket[HEAD_BYTES - 1];
        return ByteBuffer.allocate(1 + IV_BYTES + 1 + numberBytes).put((byte)IV_BYTES).put(ticket, KEY_NUMBER_BYTES, IV_BYTES).put(flag)
            .put(ticket, 0, numberBytes).array();
    }

    /**
     * What XAES-256-GCM makes of a key for one message, by its specification.
     *
     * @param key a key
     * @param nonce the message's nonce
     * @return the key with which AES-256-GCM seals that message
     */
    static byte[] messageKey(byte[] key, byte[] nonce)
    {
        try
        {
            Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
            aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            BigInteger zero = new BigInteger(1, aes.doFinal(new byte[BLOCK_BYTES]));
            BigInteger mask = zero.shiftLeft(1).clearBit(8 * BLOCK_BYTES);
            if (zero.testBit(8 * BLOCK_BYTES - 1))
            {
                mask = mask.xor(BigInteger.valueOf(0x87));
            }
            ByteBuffer derived = ByteBuffer.allocate(2 * BLOCK_BYTES);
            for (byte counter = 1; counter <= 2; counter++)
            {
                byte[] block = ByteBuffer.allocate(BLOCK_BYTES).put((byte)0).put(counter).put((byte)'X').put((byte)0)
                    .put(nonce, 0, 12).array();
                byte[] masked = new BigInteger(1, block).xor(mask).toByteArray();
                byte[] input = new byte[BLOCK_BYTES];
                int length = Math.min(masked.length, BLOCK_BYTES);
                System.arraycopy(masked, masked.length - length, input, BLOCK_BYTES - length, length);
                derived.put(aes.doFinal(input));
            }
            return derived.array();
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }
}
