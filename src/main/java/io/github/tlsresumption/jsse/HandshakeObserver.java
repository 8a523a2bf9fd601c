package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads what goes over the wire in clear at the start of a server's handshake: the {@link ClientHello} and
 * the decision in the {@link ServerHello}.
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
    private static final int RECORD_HEADER_BYTES = 5;
    private static final int MESSAGE_HEADER_BYTES = 4;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int SERVER_HELLO = 2;
    private static final int NEW_SESSION_TICKET = 4;

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

    private final ClientHello hello = new ClientHello();
    /** Empty where hellos come in one record. */
    private ByteArrayOutputStream collected = new ByteArrayOutputStream(0);
    private int bodyLength = -1;
    private boolean complete;
    private int hellos;
    private boolean unreadable;
    private Decision decision = Decision.NONE;
    /** Whether the ServerHello has extended_master_secret; null as long as there is none of TLS 1.2. */
    private Boolean extendedMasterSecretAnswer;
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
                ByteBuffer fragment = Wire.slice(buffer, length);
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
            collected.reset();
            bodyLength = -1;
            complete = false;
        }
        if (collected.size() + fragment.remaining() > MAX_HELLO_BYTES)
        {
            throw new IllegalArgumentException();
        }
        // Most come in one record, and need not be collected.
        ByteBuffer message = collected.size() == 0 && isWhole(fragment) ? fragment.slice() : collect(fragment);
        if (message == null)
        {
            return;
        }
        ByteBuffer whole = message.duplicate();
        int length = message.getInt() & 0xFFFFFF;
        String firstName = hello.serverName();
        Binders first = hello.binders();
        hello.read(Wire.slice(message, length), whole.limit(whole.position() + MESSAGE_HEADER_BYTES + length));
        if (hellos > 0)
        {
            hello.follow(first, retry);
        }
        // What is behind it would be the start of the engine's next message, and not of ours.
        if (message.hasRemaining())
        {
            throw new IllegalArgumentException();
        }
        // RFC 8446 section 4.1.2: a second ClientHello names the same host.
        if (hellos > 0 && !Objects.equals(firstName, hello.serverName()))
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
    private ByteBuffer collect(ByteBuffer fragment)
    {
        collected.writeBytes(Wire.bytes(fragment));
        // There may be a record for each byte.
        if (bodyLength < 0 && collected.size() >= MESSAGE_HEADER_BYTES)
        {
            bodyLength = lengthInHeader(ByteBuffer.wrap(collected.toByteArray()));
        }
        boolean whole = bodyLength >= 0 && collected.size() - MESSAGE_HEADER_BYTES >= bodyLength;
        return whole ? ByteBuffer.wrap(collected.toByteArray()) : null;
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
                ByteBuffer fragment = Wire.slice(buffer, buffer.getShort() & 0xFFFF);
                if (type == CHANGE_CIPHER_SPEC && decision == Decision.PENDING)
                {
                    decision = Decision.RESUMED;
                }
                if (type != HANDSHAKE)
                {
                    continue;
                }
                answer(fragment);
            }
        }
        catch (RuntimeException e)
        {
            unreadable = true;
        }
    }

    private void answer(ByteBuffer fragment)
    {
        while (fragment.remaining() >= MESSAGE_HEADER_BYTES && decision != Decision.FULL && decision != Decision.RESUMED)
        {
            int header = fragment.getInt();
            int message = header >>> 24;
            // A long Certificate may go over several records; its type is enough.
            ByteBuffer body = Wire.slice(fragment, Math.min(header & 0xFFFFFF, fragment.remaining()));
            if (decision == Decision.PENDING)
            {
                decision = message == NEW_SESSION_TICKET ? Decision.RESUMED : Decision.FULL;
            }
            else if (message == SERVER_HELLO)
            {
                decide(header, body);
            }
        }
    }

    private void decide(int header, ByteBuffer body)
    {
        ByteBuffer whole = body.duplicate();
        ServerHello answer = ServerHello.read(body);
        if (answer.isRetry())
        {
            retry = ByteBuffer.allocate(MESSAGE_HEADER_BYTES + whole.remaining()).putInt(header).put(whole).array();
        }
        else if (answer.isTls13())
        {
            decision = answer.hasPreSharedKey() ? Decision.RESUMED : Decision.FULL;
        }
        else
        {
            extendedMasterSecretAnswer = answer.hasExtendedMasterSecret();
            decision = Decision.PENDING;
        }
    }

    /**
     * @return the ClientHello that was read last, as far as it could be read; empty at first
     */
    ClientHello hello()
    {
        return hello;
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
     * @return whether the server knows extended_master_secret, as its answer to a client of TLS 1.2 that has sent it shows; empty when it
     * does not
     */
    Optional<Boolean> answeredExtendedMasterSecret()
    {
        return hello.hasExtendedMasterSecret() ? Optional.ofNullable(extendedMasterSecretAnswer) : Optional.empty();
    }

    /**
     * @return whether the first ClientHello, and no second one yet, announces early data of TLS 1.3
     */
    boolean announcesEarlyData()
    {
        return complete && hellos == 1 && hello.announcesEarlyData();
    }

    /**
     * @return whether the server has sent a HelloRetryRequest
     */
    boolean retried()
    {
        return retry != null;
    }

    /**
     * Lets go of what only the decision needed.
     */
    void trim()
    {
        hello.trim();
        retry = null;
        // Emptied alone it would keep its room.
        collected = new ByteArrayOutputStream(0);
    }
}
