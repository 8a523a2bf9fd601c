package io.github.tlsresumption.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLSocket;

/**
 * A connection of a {@link JsseClient}, on which it makes one request of HTTP/1.1 after another and sees what becomes of it.
 */
public final class JsseConnection implements AutoCloseable
{
    private final SSLSocket socket;
    private final InputStream in;
    private final String host;
    private final boolean resumed;

    /**
     * An answer that came whole.
     *
     * @param status the status code
     * @param headers by their names in lower case
     * @param body the content
     */
    public record Answer(int status, Map<String, String> headers, byte[] body)
    {
        /**
         * @return whether the server said that it closes the connection after this answer
         */
        public boolean isLast()
        {
            return "close".equals(headers.get("connection"));
        }
    }

    JsseConnection(SSLSocket socket, String host, boolean resumed) throws IOException
    {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.host = host;
        this.resumed = resumed;
    }

    public boolean resumed()
    {
        return resumed;
    }

    /**
     * @param path the path and query to ask for, and nothing more
     * @return the answer
     * @throws IOException when it does not come whole
     */
    public Answer get(String path) throws IOException
    {
        send(path);
        return answer();
    }

    /**
     * @param paths to ask for, all in one write
     * @throws IOException when they cannot be sent
     */
    public void send(String... paths) throws IOException
    {
        StringBuilder requests = new StringBuilder();
        for (String path : paths)
        {
            requests.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n\r\n");
        }
        write(requests.toString());
    }

    /**
     * @param text to be sent as it is, each character a byte
     * @throws IOException when it cannot be sent
     */
    public void write(String text) throws IOException
    {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * @return the next answer
     * @throws IOException when it does not come whole
     */
    public Answer answer() throws IOException
    {
        int status = Integer.parseInt(line().split(" ")[1]);
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line())
        {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length)
        {
            throw new EOFException(body.length + " bytes of " + length);
        }
        return new Answer(status, headers, body);
    }

    private String line() throws IOException
    {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read())
        {
            if (next < 0)
            {
                throw new EOFException("after '" + line + "'");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    /**
     * Waits for the server's end of the connection.
     *
     * @return how many bytes came before it
     * @throws IOException when it does not come in time
     */
    public long end() throws IOException
    {
        return in.transferTo(OutputStream.nullOutputStream());
    }

    /**
     * @return everything that comes before the server's end of the connection
     * @throws IOException when that does not come in time
     */
    public byte[] rest() throws IOException
    {
        return in.readAllBytes();
    }

    @Override
    public void close() throws IOException
    {
        socket.close();
    }
}
