package io.github.tlsresumption.it;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.github.tlsresumption.jsse.Hellos;

import static io.github.tlsresumption.jsse.Hellos.extension;
import static io.github.tlsresumption.jsse.Hellos.join;
import static io.github.tlsresumption.jsse.Hellos.number;
import static io.github.tlsresumption.jsse.Hellos.vector;

/**
 * A client that knows no more of TLS than its ClientHello, in which it may say anything, and the first answer to that. It has no
 * keys, so its binders are always wrong: a session of TLS 1.3 that the server would resume ends in the alert for that.
 */
final class HelloClient
{
    static final int ILLEGAL_PARAMETER = 47;
    static final int HANDSHAKE_FAILURE = 40;
    static final int X25519 = 29;
    static final int PSK_KE = 0;
    static final int PSK_DHE_KE = 1;

    private static final int GROUPS = 10;
    private static final int POINT_FORMATS = 11;
    private static final int SIGNATURES = 13;
    private static final int EXTENDED_MASTER_SECRET = 23;
    private static final int EARLY_DATA = 42;
    private static final int MODES = 45;
    private static final int KEY_SHARE = 51;
    private static final int SERVER_HELLO = 2;
    private static final int NEW_SESSION_TICKET = 4;
    private static final int MAX_FRAGMENT = 16_000;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final byte[] RETRY =
    {
        (byte)0xCF, 0x21, (byte)0xAD, 0x74, (byte)0xE5, (byte)0x9A, 0x61, 0x11
    };

    private final Random random = new Random();
    private final boolean tls13;
    private final String host;
    private byte[] sessionId;
    private int[] suites;
    private List<byte[]> tickets = List.of();
    private boolean ticketExtension = true;
    private boolean extendedMasterSecret = true;
    private boolean earlyData;
    private boolean keyShare = true;
    private int[] modes = {PSK_DHE_KE};

    /**
     * What the server does about a hello.
     */
    enum Outcome
    {
        /** A full handshake begins. */
        FULL,
        /** The session goes on: the server has agreed to the ticket. */
        RESUMED,
        /** Another hello is asked for. */
        RETRY,
        ALERT,
        /** Not even an alert. */
        CLOSED
    }

    /**
     * The first answer.
     *
     * @param outcome what it means
     * @param alert the alert's description, or -1
     * @param sessionId the session id of the ServerHello
     * @param suite its cipher suite, or -1
     */
    record Answer(Outcome outcome, int alert, byte[] sessionId, int suite)
    {
        @Override
        public String toString()
        {
            return outcome == Outcome.ALERT ? "ALERT " + alert : outcome.toString();
        }
    }

    /**
     * @param host the host to name, or {@code null}
     * @param protocol {@code TLSv1.2} or {@code TLSv1.3}
     */
    HelloClient(String host, String protocol)
    {
        this.host = host;
        this.tls13 = ModuleBase.TLS13.equals(protocol);
        this.suites = tls13 ? new int[]{0x1301, 0x1302, 0x1303} : new int[]{0xC02C, 0xC02B, 0xC030, 0xC02F};
        this.sessionId = new byte[32];
        random.nextBytes(sessionId);
    }

    HelloClient tickets(byte[]... offered)
    {
        tickets = List.of(offered);
        return this;
    }

    HelloClient sessionId(byte[] id)
    {
        sessionId = id;
        return this;
    }

    HelloClient suites(int... offered)
    {
        suites = offered;
        return this;
    }

    HelloClient withoutTicketExtension()
    {
        ticketExtension = false;
        return this;
    }

    HelloClient withoutExtendedMasterSecret()
    {
        extendedMasterSecret = false;
        return this;
    }

    HelloClient earlyData()
    {
        earlyData = true;
        return this;
    }

    /**
     * @return this client, which offers groups and no share: the server must ask for one
     */
    HelloClient withoutKeyShare()
    {
        keyShare = false;
        return this;
    }

    /**
     * @param offered the modes of pre-shared keys; none, and their extension is missing
     * @return this client
     */
    HelloClient modes(int... offered)
    {
        modes = offered;
        return this;
    }

    private byte[] hello(boolean share)
    {
        List<byte[]> extensions = new ArrayList<>();
        if (host != null)
        {
            extensions.add(Hellos.serverName(host));
        }
        extensions.add(extension(GROUPS, vector(2, number(X25519, 2), number(23, 2))));
        extensions.add(extension(SIGNATURES, vector(2, numbers(0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501))));
        if (tls13)
        {
            extensions.add(extension(Hellos.SUPPORTED_VERSIONS, vector(1, number(0x0304, 2))));
            byte[] point = new byte[32];
            random.nextBytes(point);
            byte[] shares = share ? join(number(X25519, 2), vector(2, point)) : new byte[0];
            extensions.add(extension(KEY_SHARE, vector(2, shares)));
            if (modes.length > 0)
            {
                byte[] offered = new byte[modes.length];
                for (int i = 0; i < modes.length; i++)
                {
                    offered[i] = (byte)modes[i];
                }
                extensions.add(extension(MODES, vector(1, offered)));
            }
            if (earlyData)
            {
                extensions.add(extension(EARLY_DATA, new byte[0]));
            }
            if (!tickets.isEmpty())
            {
                extensions.add(Hellos.preSharedKeys(tickets));
            }
        }
        else
        {
            extensions.add(extension(POINT_FORMATS, vector(1, new byte[1])));
            if (extendedMasterSecret)
            {
                extensions.add(extension(EXTENDED_MASTER_SECRET, new byte[0]));
            }
            if (ticketExtension)
            {
                extensions.add(extension(Hellos.SESSION_TICKET, tickets.isEmpty() ? new byte[0] : tickets.get(0)));
            }
        }
        byte[] nonce = new byte[32];
        random.nextBytes(nonce);
        byte[] body = join(number(0x0303, 2), nonce, vector(1, sessionId), vector(2, numbers(suites)), vector(1, new byte[1]),
            vector(2, join(extensions.toArray(byte[][]::new))));
        return Hellos.records(Hellos.message(1, body), MAX_FRAGMENT);
    }

    private static byte[] numbers(int... values)
    {
        return join(Arrays.stream(values).mapToObj(value -> number(value, 2)).toArray(byte[][]::new));
    }

    /**
     * @return the length of the ClientHello with its records
     */
    int length()
    {
        return hello(keyShare).length;
    }

    /**
     * Connects, says hello, listens to the answer and is gone. To a HelloRetryRequest it answers by another hello.
     *
     * @param port a port of this machine
     * @return what came of it; where a retry was asked for, of the second hello
     */
    Answer ask(int port)
    {
        return ask(port, InetAddress.getLoopbackAddress());
    }

    /**
     * @param port a port of this machine
     * @param source an address of this machine to connect from
     * @return what came of it
     */
    Answer ask(int port, InetAddress source)
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port, source, 0))
        {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            // Thousands of connections must not leave as many ports behind.
            socket.setSoLinger(true, 0);
            Answers answers = new Answers(new DataInputStream(socket.getInputStream()));
            Answer answer;
            try
            {
                socket.getOutputStream().write(hello(keyShare));
                answer = answers.next();
                if (answer.outcome() == Outcome.RETRY)
                {
                    socket.getOutputStream().write(hello(true));
                    answer = answers.next();
                }
            }
            catch (SocketException e)
            {
                // A server that closes before it has read all sends a reset behind its alert.
                answer = new Answer(Outcome.CLOSED, -1, new byte[0], -1);
            }
            return answer;
        }
        catch (IOException e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * Messages out of records.
     */
    private final class Answers
    {
        private final DataInputStream in;
        private byte[] pending = new byte[0];

        private Answers(DataInputStream in)
        {
            this.in = in;
        }

        private Answer next() throws IOException
        {
            byte[] id = new byte[0];
            int suite = -1;
            try
            {
                while (true)
                {
                    byte[] message = message();
                    int type = message[0] & 0xFF;
                    if (type == Hellos.ALERT)
                    {
                        return new Answer(Outcome.ALERT, message[2] & 0xFF, id, suite);
                    }
                    if (type == Hellos.CHANGE_CIPHER_SPEC)
                    {
                        if (tls13)
                        {
                            continue;
                        }
                        return new Answer(Outcome.RESUMED, -1, id, suite);
                    }
                    if (type == SERVER_HELLO)
                    {
                        ByteBuffer hello = ByteBuffer.wrap(message, 6, message.length - 6);
                        byte[] nonce = bytes(hello, 32);
                        id = bytes(hello, hello.get() & 0xFF);
                        suite = hello.getShort() & 0xFFFF;
                        hello.get();
                        if (tls13)
                        {
                            boolean retry = Arrays.equals(nonce, 0, RETRY.length, RETRY, 0, RETRY.length);
                            Outcome outcome = retry ? Outcome.RETRY : selectsPreSharedKey(hello) ? Outcome.RESUMED : Outcome.FULL;
                            return new Answer(outcome, -1, id, suite);
                        }
                        continue;
                    }
                    return new Answer(type == NEW_SESSION_TICKET ? Outcome.RESUMED : Outcome.FULL, -1, id, suite);
                }
            }
            catch (EOFException e)
            {
                return new Answer(Outcome.CLOSED, -1, id, suite);
            }
        }

        private boolean selectsPreSharedKey(ByteBuffer hello)
        {
            hello.getShort();
            while (hello.remaining() >= 4)
            {
                int type = hello.getShort() & 0xFFFF;
                bytes(hello, hello.getShort() & 0xFFFF);
                if (type == Hellos.PRE_SHARED_KEY)
                {
                    return true;
                }
            }
            return false;
        }

        /**
         * A handshake message with its head; or an alert or a ChangeCipherSpec, its type in front.
         */
        private byte[] message() throws IOException
        {
            while (pending.length < 4 || pending.length < length())
            {
                int type = in.readUnsignedByte();
                in.readUnsignedShort();
                byte[] fragment = new byte[in.readUnsignedShort()];
                in.readFully(fragment);
                if (type != Hellos.HANDSHAKE)
                {
                    return join(number(type, 1), fragment);
                }
                pending = join(pending, fragment);
            }
            byte[] message = Arrays.copyOf(pending, length());
            pending = Arrays.copyOfRange(pending, message.length, pending.length);
            return message;
        }

        private int length()
        {
            return 4 + (ByteBuffer.wrap(pending).getInt() & 0xFFFFFF);
        }

        private static byte[] bytes(ByteBuffer buffer, int count)
        {
            byte[] bytes = new byte[count];
            buffer.get(bytes);
            return bytes;
        }
    }
}
