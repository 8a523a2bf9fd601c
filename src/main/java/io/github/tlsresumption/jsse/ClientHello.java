package io.github.tlsresumption.jsse;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.tlsresumption.ticket.HostName;

/**
 * A ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), as far as it bears on resumption. One that cannot be read to its end
 * keeps what came before. Not thread-safe.
 */
final class ClientHello
{
    private static final int MAX_NAME_BYTES = 255;
    private static final int SERVER_NAME = 0;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int SESSION_TICKET = 35;
    private static final int EARLY_DATA = 42;
    private static final int KEY_SHARE = 51;

    private String serverName;
    private byte[] sessionId = new byte[0];
    private boolean ticketExtension;
    private boolean extendedMasterSecret;
    private boolean tls13;
    private boolean earlyData;
    private Set<Integer> groups = Set.of();
    private Set<Integer> shares = Set.of();
    private List<byte[]> tickets = List.of();
    private Binders binders;

    /**
     * @param body of the message
     * @param message with its header
     */
    void read(ByteBuffer body, ByteBuffer message)
    {
        binders = null;
        body.getShort();
        Wire.skip(body, 32);
        sessionId = Wire.bytes(Wire.slice(body, body.get() & 0xFF));
        Wire.skip(body, body.getShort() & 0xFFFF);
        Wire.skip(body, body.get() & 0xFF);
        serverName = null;
        ticketExtension = false;
        extendedMasterSecret = false;
        tls13 = false;
        earlyData = false;
        List<byte[]> offered = new ArrayList<>();
        if (body.hasRemaining())
        {
            ByteBuffer extensions = Wire.slice(body, body.getShort() & 0xFFFF);
            while (extensions.hasRemaining())
            {
                int type = extensions.getShort() & 0xFFFF;
                ByteBuffer extension = Wire.slice(extensions, extensions.getShort() & 0xFFFF);
                if (type == ServerHello.PRE_SHARED_KEY)
                {
                    // RFC 8446 section 4.2.11: it is the last one, so the binders are the message's end.
                    readPreSharedKeys(extension, !extensions.hasRemaining() && !body.hasRemaining(), message, offered);
                }
                else
                {
                    readExtension(type, extension, offered);
                }
            }
        }
        tickets = offered;
    }

    private void readExtension(int type, ByteBuffer extension, List<byte[]> offered)
    {
        switch (type)
        {
            case SERVER_NAME -> serverName = parseServerName(extension);
            case ServerHello.EXTENDED_MASTER_SECRET -> extendedMasterSecret = true;
            case ServerHello.SUPPORTED_VERSIONS -> tls13 = numbers(extension, 1, 0).contains(ServerHello.TLS13);
            case SUPPORTED_GROUPS -> groups = numbers(extension, 2, 0);
            case KEY_SHARE -> shares = numbers(extension, 2, 2);
            case EARLY_DATA -> earlyData = true;
            case SESSION_TICKET ->
            {
                ticketExtension = true;
                byte[] ticket = Wire.bytes(extension);
                if (ticket.length > 0)
                {
                    offered.add(ticket);
                }
            }
            default ->
            {
                // Nothing else bears on resumption before the ServerHello.
            }
        }
    }

    private void readPreSharedKeys(ByteBuffer extension, boolean isLast, ByteBuffer message, List<byte[]> offered)
    {
        List<byte[]> identities = parseIdentities(extension);
        offered.addAll(identities);
        if (!identities.isEmpty() && isLast)
        {
            binders = new Binders(identities, parseBinders(extension.duplicate()), Wire.bytes(message), extension.remaining());
        }
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
            ByteBuffer list = Wire.slice(extension, lengthBytes == 1 ? extension.get() & 0xFF : extension.getShort() & 0xFFFF);
            while (list.hasRemaining())
            {
                numbers.add(list.getShort() & 0xFFFF);
                Wire.skip(list, valueLengthBytes == 0 ? 0 : list.getShort() & 0xFFFF);
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
            ByteBuffer identities = Wire.slice(extension, extension.getShort() & 0xFFFF);
            while (identities.hasRemaining())
            {
                offered.add(Wire.bytes(Wire.slice(identities, identities.getShort() & 0xFFFF)));
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
            ByteBuffer list = Wire.slice(extension, extension.getShort() & 0xFFFF);
            while (list.hasRemaining())
            {
                binders.add(Wire.bytes(Wire.slice(list, list.get() & 0xFF)));
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
        ByteBuffer list = Wire.slice(extension, extension.getShort() & 0xFFFF);
        while (list.hasRemaining())
        {
            int type = list.get();
            byte[] name = Wire.bytes(Wire.slice(list, list.getShort() & 0xFFFF));
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
     * To be called when this is the second ClientHello of a handshake: its binders are over the first one too.
     *
     * @param first the binders of the first one, or null
     * @param retry the HelloRetryRequest between them, or null
     */
    void follow(Binders first, byte[] retry)
    {
        if (binders != null)
        {
            binders = first == null || retry == null ? null : binders.after(first, retry);
        }
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
     * @return whether it announces early data of TLS 1.3
     */
    boolean announcesEarlyData()
    {
        return tls13 && earlyData;
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
        tickets = List.of();
        groups = Set.of();
        shares = Set.of();
    }
}
