package io.github.tlsresumption.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLSocket;

/**
 * One Java client with a memory of its own for sessions, which makes one connection after another. Unlike OpenSSL's it offers in
 * TLS 1.2 the ticket of the last connection, also of a resumed one, and it is quick: thousands of connections can be made.
 */
public final class JsseClient
{
    private static final int PATIENCE_MILLIS = 60_000;

    private final ClientTls tls;
    private final int port;
    private final String host;
    private final String protocol;
    private InetAddress source;
    private String preface = "";

    /**
     * What came of one connection.
     *
     * @param resumed whether the handshake resumed a session
     * @param protocol the version of TLS
     * @param reply the answer to the request
     */
    public record Result(boolean resumed, String protocol, HttpReply reply)
    {
    }

    /**
     * @param port a port of this machine
     * @param host the host to name
     * @param protocol {@code TLSv1.2} or {@code TLSv1.3}
     */
    public JsseClient(int port, String host, String protocol)
    {
        this(port, host, protocol, null);
    }

    /**
     * @param port a port of this machine
     * @param host the host to name
     * @param protocol {@code TLSv1.2} or {@code TLSv1.3}
     * @param certificate a store with the client's certificate, or {@code null}
     */
    public JsseClient(int port, String host, String protocol, Path certificate)
    {
        this.tls = new ClientTls(certificate);
        this.port = port;
        this.host = host;
        this.protocol = protocol;
    }

    /**
     * @param address an address of this machine, such as any of 127.0.0.0/8
     * @return this client, which connects from there
     */
    public JsseClient from(String address)
    {
        try
        {
            source = InetAddress.getByName(address);
            return this;
        }
        catch (UnknownHostException e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * @param header what a proxy would say before the handshake, such as a header of the PROXY protocol
     * @return this client, which says so
     */
    public JsseClient behindProxy(String header)
    {
        preface = header;
        return this;
    }

    /**
     * The next handshake will be a full one.
     */
    public void forgetSessions()
    {
        tls.forgetSessions();
    }

    /**
     * Connects.
     *
     * @return a connection for one request after another
     * @throws IOException when the handshake failed
     */
    public JsseConnection open() throws IOException
    {
        int before = tls.fullHandshakes();
        SSLSocket socket = connect();
        socket.startHandshake();
        return new JsseConnection(socket, host, tls.fullHandshakes() == before);
    }

    /**
     * Connects, asks, and reads until the server closes.
     *
     * @param path the path and query to ask for
     * @return what came of it
     * @throws IOException when the connection failed
     */
    public Result get(String path) throws IOException
    {
        int before = tls.fullHandshakes();
        try (SSLSocket socket = connect())
        {
            String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            return new Result(tls.fullHandshakes() == before, socket.getSession().getProtocol(), HttpReply.in(answer));
        }
    }

    private SSLSocket connect() throws IOException
    {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port, source, 0);
        plain.getOutputStream().write(preface.getBytes(StandardCharsets.US_ASCII));
        SSLSocket socket = (SSLSocket)tls.context().getSocketFactory().createSocket(plain, host, port, true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.setEnabledProtocols(new String[]{protocol});
        return socket;
    }
}
