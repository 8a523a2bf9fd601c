package io.github.tlsresumption.it;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.ticket.SessionData;
import io.github.tlsresumption.ticket.Ticket;
import io.github.tlsresumption.ticket.TicketKeyName;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;

/**
 * Opens tickets that OpenSSL has sealed, by what SECURITY.md says.
 */
final class OpenSslTicket
{
    private static final int IV_BYTES = 16;
    private static final int CIPHER_KEY_BYTES = 32;
    private static final int MAC_BYTES = 32;
    private static final byte[] PURPOSE = "ticket".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_BYTES = TicketKeyName.BYTES + IV_BYTES;
    /** Of the application data in OpenSSL's SSL_SESSION. */
    private static final int DATA_TAG = 18;

    private OpenSslTicket()
    {
    }

    /**
     * @return OpenSSL's session in DER, if a key of the ring opens the ticket
     */
    static Optional<byte[]> state(TicketKeyRing ring, byte[] ticket)
    {
        if (ticket.length < HEAD_BYTES + MAC_BYTES)
        {
            return Optional.empty();
        }
        OptionalLong id = TicketKeyName.keyId(Arrays.copyOf(ticket, TicketKeyName.BYTES));
        return ring.keys().stream().filter(key -> id.isPresent() && key.id() == id.getAsLong()).findFirst().flatMap(key ->
        {
            try
            {
                return state(key, ticket);
            }
            catch (GeneralSecurityException e)
            {
                throw new AssertionError(e);
            }
        });
    }

    private static Optional<byte[]> state(TicketKey key, byte[] ticket) throws GeneralSecurityException
    {
        byte[] head = Arrays.copyOf(ticket, HEAD_BYTES);
        byte[] purpose = ByteBuffer.allocate(PURPOSE.length + HEAD_BYTES).put(PURPOSE).put(head).array();
        byte[] keys = key.derive(purpose, CIPHER_KEY_BYTES + MAC_BYTES);
        int sealed = ticket.length - MAC_BYTES;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(keys, CIPHER_KEY_BYTES, MAC_BYTES, "HmacSHA256"));
        mac.update(ticket, 0, sealed);
        if (!MessageDigest.isEqual(mac.doFinal(), Arrays.copyOfRange(ticket, sealed, ticket.length)))
        {
            return Optional.empty();
        }
        Cipher aes = Cipher.getInstance("AES/CBC/PKCS5Padding");
        aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(keys, 0, CIPHER_KEY_BYTES, "AES"),
            new IvParameterSpec(head, TicketKeyName.BYTES, IV_BYTES));
        return Optional.of(aes.doFinal(ticket, HEAD_BYTES, sealed - HEAD_BYTES));
    }

    /**
     * @param state OpenSSL's session in DER
     * @return what rides in it
     */
    static Optional<Ticket.Opened> data(byte[] state)
    {
        for (ASN1Encodable element : ASN1Sequence.getInstance(state))
        {
            if (element instanceof ASN1TaggedObject tagged && tagged.getTagNo() == DATA_TAG)
            {
                return SessionData.decode(ASN1OctetString.getInstance(tagged.getExplicitBaseObject()).getOctets());
            }
        }
        return Optional.empty();
    }
}
