package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import io.github.tlsresumption.ticket.HostName;

/**
 * Reads what goes over the wire in clear at the start of a server's handshake: the ClientHello and
 * the decision in the ServerHello (RFC 8446 sections 4.1.2 and 4.1.3, RFC 5246 section 7.4.1).
 * <p>
 * SunJSSE parses server_name only after it has opened tickets, and does not tell whether it resumed.
 * It never throws: what it cannot read leaves it {@linkplain #readable() unreadable}, which the owner treats as a doubt.
 * Not thread-safe.
 */
final class HandshakeObserver
{
    /**
     * Above what SunJSSE accepts by default (32 768 bytes) no handshake goes on.
     */
    private static final int MAX_HELLO_BYTES = 1 << 16;
    private static final int MAX_NAME_BYTES = 255;
    private static final int RECORD_HEADER_BYTES = 5;
    private static final int MESSAGE_HEADER_BYTES = 4;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int SERVER_HELLO = 2;
    private static final int NEW_SESSION_TICKET = 4;
    private static final int SERVER_NAME = 0;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int EXTENDED_MASTER_SECRET = 23;
    private static final int SESSION_TICKET = 35;
    private static final int PRE_SHARED_KEY = 41;
    private static final int EARLY_DATA = 42;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int KEY_SHARE = 51;
    private static final int TLS13 = 0x0304;

    /** SHA-256 of "HelloRetryRequest", the random by which a ServerHello is one (RFC 8446 section 4.1.3). */
    private static final byte[] RETRY_RANDOM =
    {
        (byte)0xCF, 0x21, (byte)0xAD, 0x74, (byte)0xE5, (byte)0x9A, 0x61, 0x11, (byte)0xBE, 0x1D, (byte)0x8C, 0x02, 0x1E, 0x65,
        (byte)0xB8, (byte)0x91, (byte)0xC2, (byte)0xA2, 0x11, 0x16, 0x7A, (byte)0xBB, (byte)0x8C, 0x5E, 0x07, (byte)0x9E, 0x09,
        (byte)0xE2, (byte)0xC8, (byte)0xA8, 0x33, (byte)0x9C
    };

    /**
     * What the server decided.
     */
    enum Decision
    {
        /** No ServerHello yet. */
        NONE,
        /** A TLS 1.2 ServerHello; what follows it will tell. */
        PENDING,
        /** A full handshake. */
        FULL,
        /** The abbreviated handshake of RFC 5246 section 7.3, or a pre-shared key of RFC 8446 section 4.2.11. */
        RESUMED
    }

    /** Empty where hellos come in one record. */
    private ByteArrayOutputStream hello = new ByteArrayOutputStream(0);
    private int bodyLength = -1;
    private boolean complete;
    private int hellos;
    private boolean unreadable;
    private Decision decision = Decision.NONE;
    private String serverName;
    private byte[] sessionId = new byte[0];
    private boolean ticketExtension;
    private boolean extendedMasterSecret;
    /** Whether the ServerHello has it; null as long as there is none of TLS 1.2. */
    private Boolean extendedMasterSecretAnswer;
    private boolean tls13;
    private boolean earlyData;
    private Set<Integer> groups = Set.of();
    private Set<Integer> shares = Set.of();
    private List<byte[]> tickets = List.of();
    private Binders binders;
    private byte[] retry;

    /**
     * @param records bytes that the engine has consumed; position and limit are left as they are
     */
    void received(ByteBuffer records)
    {
        if (decision != Decision.NONE || unreadable)
        {
            return;
        }
        try
        {
            ByteBuffer buffer = records.duplicate();
            while (buffer.hasRemaining())
            {
                int type = buffer.get() & 0xFF;
                buffer.getShort();
                int length = buffer.getShort() & 0xFFFF;
                ByteBuffer fragment = slice(buffer, length);
                if (type == HANDSHAKE)
                {
                    append(fragment);
                }
                else if (type != CHANGE_CIPHER_SPEC && type != ALERT)
                {
                    unreadable = true;
                }
            }
        }
        catch (RuntimeException e)
        {
            unreadable = true;
        }
    }

    private void append(ByteBuffer fragment)
    {
        // After a HelloRetryRequest a second ClientHello takes the place of the first.
        if (complete)
        {
            hello.reset();
            bodyLength = -1;
            complete = false;
        }
        if (hello.size() + fragment.remaining() > MAX_HELLO_BYTES)
        {
            throw new IllegalArgumentException();
        }
        // Most come in one record, and need not be collected.
        ByteBuffer message = hello.size() == 0 && isWhole(fragment) ? fragment.slice() : collected(fragment);
        if (message == null)
        {
            return;
        }
        ByteBuffer whole = message.duplicate();
        int length = message.getInt() & 0xFFFFFF;
        String firstName = serverName;
        Binders first = binders;
        parse(slice(message, length), whole.limit(whole.position() + MESSAGE_HEADER_BYTES + length));
        if (hellos > 0 && binders != null)
        {
            binders = first == null || retry == null ? null : binders.after(first, retry);
        }
        // What is behind it would be the start of the engine's next message, and not of ours.
        if (message.hasRemaining())
        {
            throw new IllegalArgumentException();
        }
        // RFC 8446 section 4.1.2: a second ClientHello names the same host.
        if (hellos > 0 && !Objects.equals(firstName, serverName))
        {
            throw new IllegalArgumentException();
        }
        hellos++;
        complete = true;
    }

    private static boolean isWhole(ByteBuffer fragment)
    {
        return fragment.remaining() >= MESSAGE_HEADER_BYTES && fragment.remaining() - MESSAGE_HEADER_BYTES >= lengthInHeader(fragment);
    }

    private static int lengthInHeader(ByteBuffer message)
    {
        int header = message.getInt(message.position());
        if (header >>> 24 != CLIENT_HELLO)
        {
            throw new IllegalArgumentException();
        }
        return header & 0xFFFFFF;
    }

    /**
     * @return the message, or null while there is more of it to come
     */
    private ByteBuffer collected(ByteBuffer fragment)
    {
        hello.writeBytes(bytes(fragment));
        // There may be a record for each byte.
        if (bodyLength < 0 && hello.size() >= MESSAGE_HEADER_BYTES)
        {
            bodyLength = lengthInHeader(ByteBuffer.wrap(hello.toByteArray()));
        }
        boolean whole = bodyLength >= 0 && hello.size() - MESSAGE_HEADER_BYTES >= bodyLength;
        return whole ? ByteBuffer.wrap(hello.toByteArray()) : null;
    }

    private void parse(ByteBuffer body, ByteBuffer message)
    {
        binders = null;
        body.getShort();
        skip(body, 32);
        sessionId = bytes(slice(body, body.get() & 0xFF));
        skip(body, body.getShort() & 0xFFFF);
        skip(body, body.get() & 0xFF);
        serverName = null;
        ticketExtension = false;
        extendedMasterSecret = false;
        tls13 = false;
        earlyData = false;
        List<byte[]> offered = new ArrayList<>();
        if (body.hasRemaining())
        {
            ByteBuffer extensions = slice(body, body.getShort() & 0xFFFF);
            while (extensions.hasRemaining())
            {
                int type = extensions.getShort() & 0xFFFF;
                int length = extensions.getShort() & 0xFFFF;
                switch (type)
                {
                    case SERVER_NAME -> serverName = parseServerName(slice(extensions, length));
                    case EXTENDED_MASTER_SECRET ->
                    {
                        extendedMasterSecret = true;
                        skip(extensions, length);
                    }
                    case SUPPORTED_VERSIONS -> tls13 = numbers(slice(extensions, length), 1, 0).contains(TLS13);
                    case SUPPORTED_GROUPS -> groups = numbers(slice(extensions, length), 2, 0);
                    case KEY_SHARE -> shares = numbers(slice(extensions, length), 2, 2);
                    case EARLY_DATA ->
                    {
                        earlyData = true;
                        skip(extensions, length);
                    }
                    case SESSION_TICKET ->
                    {
                        ticketExtension = true;
                        byte[] ticket = bytes(slice(extensions, length));
                        if (ticket.length > 0)
                        {
                            offered.add(ticket);
                        }
                    }
                    case PRE_SHARED_KEY ->
                    {
                        ByteBuffer keys = slice(extensions, length);
                        List<byte[]> identities = parseIdentities(keys);
                        offered.addAll(identities);
                        // RFC 8446 section 4.2.11: it is the last one, so the binders are the message's end.
                        if (!identities.isEmpty() && !extensions.hasRemaining() && !body.hasRemaining())
                        {
                            binders = new Binders(identities, parseBinders(keys.duplicate()), bytes(message), keys.remaining());
                        }
                    }
                    // Nothing else bears on resumption before the ServerHello.
                    default -> skip(extensions, length);
                }
            }
        }
        tickets = offered;
    }

    /**
     * @param extension a list of numbers of two bytes
     * @param lengthBytes of the list's length
     * @param valueLengthBytes of the length of a value behind each number, 0 for none
     * @return the numbers, as far as they could be read: they bear on early data alone
     */
    private static Set<Integer> numbers(ByteBuffer extension, int lengthBytes, int valueLengthBytes)
    {
        Set<Integer> numbers = new HashSet<>();
        try
        {
            ByteBuffer list = slice(extension, lengthBytes == 1 ? extension.get() & 0xFF : extension.getShort() & 0xFFFF);
            while (list.hasRemaining())
            {
                numbers.add(list.getShort() & 0xFFFF);
                skip(list, valueLengthBytes == 0 ? 0 : list.getShort() & 0xFFFF);
            }
        }
        catch (BufferUnderflowException e)
        {
            numbers.clear();
        }
        return numbers;
    }

    private static List<byte[]> parseIdentities(ByteBuffer extension)
    {
        List<byte[]> offered = new ArrayList<>();
        try
        {
            ByteBuffer identities = slice(extension, extension.getShort() & 0xFFFF);
            while (identities.hasRemaining())
            {
                offered.add(bytes(slice(identities, identities.getShort() & 0xFFFF)));
                identities.getInt();
            }
        }
        catch (BufferUnderflowException e)
        {
            // In TLS 1.2 nobody reads this extension, and in TLS 1.3 a malformed one ends the handshake.
            offered.clear();
        }
        return offered;
    }

    private static List<byte[]> parseBinders(ByteBuffer extension)
    {
        List<byte[]> binders = new ArrayList<>();
        try
        {
            ByteBuffer list = slice(extension, extension.getShort() & 0xFFFF);
            while (list.hasRemaining())
            {
                binders.add(bytes(slice(list, list.get() & 0xFF)));
            }
        }
        catch (BufferUnderflowException e)
        {
            // Likewise.
            binders.clear();
        }
        return binders;
    }

    private static String parseServerName(ByteBuffer extension)
    {
        ByteBuffer list = slice(extension, extension.getShort() & 0xFFFF);
        while (list.hasRemaining())
        {
            int type = list.get();
            byte[] name = bytes(slice(list, list.getShort() & 0xFFFF));
            // RFC 6066 section 3 has no empty ones, RFC 1035 section 2.3.4 no longer ones, and what clients choose freely shall not
            // fill memory.
            if (name.length > MAX_NAME_BYTES || type == 0 && name.length == 0)
            {
                throw new IllegalArgumentException();
            }
            if (type == 0)
            {
                return HostName.of(name);
            }
        }
        return null;
    }

    /**
     * @param records bytes that the engine has produced; position and limit are left as they are
     */
    void sent(ByteBuffer records)
    {
        if (decision == Decision.FULL || decision == Decision.RESUMED)
        {
            return;
        }
        try
        {
            ByteBuffer buffer = records.duplicate();
            while (buffer.remaining() > RECORD_HEADER_BYTES)
            {
                int type = buffer.get() & 0xFF;
                buffer.getShort();
                ByteBuffer fragment = slice(buffer, buffer.getShort() & 0xFFFF);
                if (type == CHANGE_CIPHER_SPEC && decision == Decision.PENDING)
                {
                    decision = Decision.RESUMED;
                }
                if (type != HANDSHAKE)
                {
                    continue;
                }
                while (fragment.remaining() >= MESSAGE_HEADER_BYTES && decision != Decision.FULL && decision != Decision.RESUMED)
                {
                    int header = fragment.getInt();
                    int message = header >>> 24;
                    // A long Certificate may go over several records; its type is enough.
                    ByteBuffer body = slice(fragment, Math.min(header & 0xFFFFFF, fragment.remaining()));
                    if (decision == Decision.PENDING)
                    {
                        decision = message == NEW_SESSION_TICKET ? Decision.RESUMED : Decision.FULL;
                    }
                    else if (message == SERVER_HELLO)
                    {
                        byte[] bytes = bytes(body.duplicate());
                        decision = decide(body);
                        if (decision == Decision.NONE)
                        {
                            retry = ByteBuffer.allocate(MESSAGE_HEADER_BYTES + bytes.length).putInt(header).put(bytes).array();
                        }
                    }
                }
            }
        }
        catch (RuntimeException e)
        {
            unreadable = true;
        }
    }

    private Decision decide(ByteBuffer body)
    {
        body.getShort();
        if (Arrays.equals(RETRY_RANDOM, bytes(slice(body, RETRY_RANDOM.length))))
        {
            return Decision.NONE;
        }
        skip(body, body.get() & 0xFF);
        body.getShort();
        body.get();
        boolean tls13 = false;
        boolean preSharedKey = false;
        boolean masterSecret = false;
        if (body.hasRemaining())
        {
            ByteBuffer extensions = slice(body, body.getShort() & 0xFFFF);
            while (extensions.hasRemaining())
            {
                int type = extensions.getShort() & 0xFFFF;
                ByteBuffer extension = slice(extensions, extensions.getShort() & 0xFFFF);
                if (type == SUPPORTED_VERSIONS)
                {
                    tls13 = extension.getShort() == TLS13;
                }
                else if (type == PRE_SHARED_KEY)
                {
                    preSharedKey = true;
                }
                else if (type == EXTENDED_MASTER_SECRET)
                {
                    masterSecret = true;
                }
            }
        }
        if (!tls13)
        {
            extendedMasterSecretAnswer = masterSecret;
            return Decision.PENDING;
        }
        return preSharedKey ? Decision.RESUMED : Decision.FULL;
    }

    /**
     * @return how many ClientHellos have been read: two, with a HelloRetryRequest between them
     */
    int hellos()
    {
        return hellos;
    }

    /**
     * @return whether a whole ClientHello has been read, and nothing that could not be
     */
    boolean readable()
    {
        return complete && !unreadable;
    }

    /**
     * @return whether something was read that leaves the ClientHello in doubt
     */
    boolean unreadable()
    {
        return unreadable;
    }

    Decision decision()
    {
        return decision;
    }

    /**
     * @return the host name of the server_name extension in its one form, or null
     */
    String serverName()
    {
        return serverName;
    }

    /**
     * @return the ClientHello's legacy_session_id, up to 32 bytes
     */
    byte[] sessionId()
    {
        return sessionId;
    }

    /**
     * @return whether the client sent the session_ticket extension of RFC 5077
     */
    boolean hasTicketExtension()
    {
        return ticketExtension;
    }

    /**
     * @return whether the client sent the extended_master_secret extension of RFC 7627
     */
    boolean hasExtendedMasterSecret()
    {
        return extendedMasterSecret;
    }

    /**
     * @return whether the server knows that extension, as its answer to a client of TLS 1.2 that has sent it shows; empty when it does not
     */
    Optional<Boolean> answeredExtendedMasterSecret()
    {
        return extendedMasterSecret ? Optional.ofNullable(extendedMasterSecretAnswer) : Optional.empty();
    }

    /**
     * @return whether the first ClientHello, and no second one yet, announces early data of TLS 1.3
     */
    boolean announcesEarlyData()
    {
        return complete && hellos == 1 && tls13 && earlyData;
    }

    /**
     * @return whether the server has sent a HelloRetryRequest
     */
    boolean retried()
    {
        return retry != null;
    }

    /**
     * @return the numbers of the client's supported_groups
     */
    Set<Integer> groups()
    {
        return groups;
    }

    /**
     * @return the numbers of those groups for which the client has sent a key
     */
    Set<Integer> shares()
    {
        return shares;
    }

    /**
     * @return the tickets of the session_ticket extension and the identities of pre_shared_key, as they are on the wire
     */
    List<byte[]> tickets()
    {
        return tickets;
    }

    /**
     * @return the pre-shared keys of the ClientHello with their binders, or null when there are none that can be checked
     */
    Binders binders()
    {
        return binders;
    }

    /**
     * Lets go of what only the decision needed.
     */
    void trim()
    {
        binders = null;
        retry = null;
        // Emptied alone it would keep its room.
        hello = new ByteArrayOutputStream(0);
        tickets = List.of();
        groups = Set.of();
        shares = Set.of();
    }

    private static ByteBuffer slice(ByteBuffer buffer, int length)
    {
        ByteBuffer slice = buffer.slice();
        skip(buffer, length);
        return slice.limit(length);
    }

    private static void skip(ByteBuffer buffer, int length)
    {
        if (length > buffer.remaining())
        {
            throw new BufferUnderflowException();
        }
        buffer.position(buffer.position() + length);
    }

    private static byte[] bytes(ByteBuffer buffer)
    {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
