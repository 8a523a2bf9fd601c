package io.github.tlsresumption.resumption;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.StateTickets;

/**
 * Tickets as an engine makes them that seals by itself (RFC 5077 section 4): name, IV, a state in AES-CBC and its HMAC. The state is one of
 * its own; what the test calls the state is its part of the application data.
 */
final class SelfSealedTickets implements StateTickets
{
    private static final byte[] STATE = {1, 7, 0, 7};
    private static final int HEAD_BYTES = KeyTickets.NAME_BYTES + KeyTickets.IV_BYTES;
    private static final int MAC_BYTES = 32;

    private final KeyTickets keys;

    SelfSealedTickets(KeyTickets keys)
    {
        this.keys = keys;
    }

    @Override
    public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
    {
        return keys.data(state, stateFormat, origin)
            .flatMap(data -> keys.newSecrets().map(secrets -> sealed(secrets, data, associatedData)));
    }

    private static byte[] sealed(KeyTickets.Secrets secrets, byte[] data, byte[] associatedData)
    {
        byte[] plain = ByteBuffer.allocate(STATE.length + data.length).put(STATE).put(data).array();
        byte[] content = cipher(Cipher.ENCRYPT_MODE, secrets, plain);
        byte[] ticket = ByteBuffer.allocate(HEAD_BYTES + content.length + MAC_BYTES).put(secrets.name()).put(secrets.iv()).put(content)
            .array();
        byte[] mac = mac(secrets, ticket, associatedData);
        System.arraycopy(mac, 0, ticket, ticket.length - MAC_BYTES, MAC_BYTES);
        return ticket;
    }

    @Override
    public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
    {
        if (ticket.length < HEAD_BYTES + MAC_BYTES)
        {
            return Optional.empty();
        }
        Optional<KeyTickets.Secrets> secrets = keys.secrets(Arrays.copyOf(ticket, KeyTickets.NAME_BYTES),
            Arrays.copyOfRange(ticket, KeyTickets.NAME_BYTES, HEAD_BYTES));
        if (secrets.isEmpty())
        {
            return Optional.empty();
        }
        byte[] mac = Arrays.copyOfRange(ticket, ticket.length - MAC_BYTES, ticket.length);
        if (!MessageDigest.isEqual(mac, mac(secrets.get(), ticket, associatedData)))
        {
            keys.tampered();
            return Optional.empty();
        }
        byte[] plain = cipher(Cipher.DECRYPT_MODE, secrets.get(), Arrays.copyOfRange(ticket, HEAD_BYTES, ticket.length - MAC_BYTES));
        return keys.open(Arrays.copyOfRange(plain, STATE.length, plain.length), stateFormat);
    }

    private static byte[] mac(KeyTickets.Secrets secrets, byte[] ticket, byte[] associatedData)
    {
        try
        {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secrets.macKey(), "HmacSHA256"));
            mac.update(ticket, 0, ticket.length - MAC_BYTES);
            return mac.doFinal(associatedData);
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    private static byte[] cipher(int mode, KeyTickets.Secrets secrets, byte[] content)
    {
        try
        {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(mode, new SecretKeySpec(secrets.cipherKey(), "AES"), new IvParameterSpec(secrets.iv()));
            return cipher.doFinal(content);
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }
}
