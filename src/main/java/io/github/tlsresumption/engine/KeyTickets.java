package io.github.tlsresumption.engine;

import java.time.Instant;
import java.util.Optional;

import io.github.tlsresumption.ticket.TicketKeyName;

/**
 * Tickets for an engine that seals its session state by itself, and asks for keys only: OpenSSL, with AES-256-CBC and HMAC-SHA-256 (RFC
 * 5077 section 4). What we have to say of the session rides in the state as application data. Confined to its handshake.
 * <p>
 * For a new ticket the engine asks for the {@linkplain #data data} first and for the {@linkplain #newSecrets secrets} then; for one that a
 * client offers it asks for the {@linkplain #secrets secrets}, and when it has decrypted the state with them, whether to take it.
 */
public interface KeyTickets
{
    /**
     * Length of the name of a ticket's keys, which stands in clear in front of the ticket.
     */
    int NAME_BYTES = TicketKeyName.BYTES;

    /**
     * Length of a ticket's initialization vector.
     */
    int IV_BYTES = 16;

    /**
     * Length of each of a ticket's two keys.
     */
    int KEY_BYTES = 32;

    /**
     * What one ticket is sealed with. The arrays are the engine's to overwrite.
     *
     * @param name {@link #NAME_BYTES}
     * @param iv {@link #IV_BYTES}
     * @param cipherKey {@link #KEY_BYTES}, for AES-256-CBC
     * @param macKey {@link #KEY_BYTES}, for HMAC-SHA-256
     */
    record Secrets(byte[] name, byte[] iv, byte[] cipherKey, byte[] macKey)
    {
        /**
         * @return nothing of the keys
         */
        @Override
        public String toString()
        {
            return "Secrets";
        }
    }

    /**
     * @param own what the engine wants to find beside the state when the ticket is opened, the session's secret above all: in mode {@code
     * cache} it is sealed once more, under the session's key, and so must be in no other part of the ticket
     * @param stateFormat the 23-bit mark of the format of the engine's states and of {@code own}
     * @param origin where the session comes from
     * @return the application data for a new ticket; or empty when there must be none that can be opened
     */
    Optional<byte[]> data(byte[] own, int stateFormat, SessionOrigin origin);

    /**
     * @param data what {@link #data} has answered
     * @return when the session is over at the latest, as its client is told; empty where that is not to be told
     */
    default Optional<Instant> deadline(byte[] data)
    {
        return Optional.empty();
    }

    /**
     * @return new secrets for one ticket, whose {@link #data} has been asked for; or empty when there is no key to seal with
     */
    Optional<Secrets> newSecrets();

    /**
     * @param name the name in front of a ticket that the client offers, or any bytes in its place
     * @param iv the initialization vector behind it
     * @return the secrets that were used if it is a ticket of ours; or empty: then the engine must do a full handshake
     */
    Optional<Secrets> secrets(byte[] name, byte[] iv);

    /**
     * Says that the engine was not able to decrypt a ticket with the {@link #secrets} that it asked for last: it is not as it was sealed.
     */
    void tampered();

    /**
     * Judges a ticket that the engine has decrypted with the {@link #secrets} that it asked for last.
     *
     * @param data the application data in the state
     * @param stateFormat the 23-bit mark of the format that the engine reads
     * @return the ticket, opened, with {@code own} for its state; or empty: then the engine must do a full handshake
     */
    Optional<OpenedTicket> open(byte[] data, int stateFormat);
}
