package io.github.tlsresumption.jetty;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;

import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.JsseConnection;
import org.eclipse.jetty.http2.frames.FrameType;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The end of open connections of HTTP/2.
 */
class Http2OpenConnectionsTest extends OpenConnectionsBase
{
    private JsseConnection http2() throws Exception
    {
        JsseConnection connection = start("ticket", new HTTP2ServerConnectionFactory(new HttpConfiguration())).open();
        // The preface, settings with a large window for each stream, and a large one for the connection.
        connection.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(FrameType.SETTINGS, 0, 0, "\0\4\177\377\377\377")
            + frame(FrameType.WINDOW_UPDATE, 0, 0, "\160\0\0\0"));
        return connection;
    }

    private static String request(int stream, String path)
    {
        // HPACK (RFC 7541): GET, https, and a path and an authority that are not indexed.
        String headers = "\202\207\4" + (char)path.length() + path + "\1" + (char)HOST.length() + HOST;
        return frame(FrameType.HEADERS, 5, stream, headers);
    }

    private static String frame(FrameType type, int flags, int stream, String payload)
    {
        return "\0\0" + (char)payload.length() + (char)type.getType() + (char)flags + "\0\0\0" + (char)stream + payload;
    }

    /**
     * @return the frames, those of content and of GOAWAY as their type, stream and what they are about
     */
    private static List<String> frames(byte[] bytes)
    {
        List<String> frames = new ArrayList<>();
        int content = 0;
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining())
        {
            int lengthAndType = buffer.getInt();
            int length = lengthAndType >>> 8;
            buffer.get();
            int stream = buffer.getInt();
            FrameType type = FrameType.from(lengthAndType & 0xFF);
            if (type == FrameType.GO_AWAY)
            {
                frames.add("GOAWAY " + buffer.getInt(buffer.position()));
            }
            else if (type == FrameType.HEADERS)
            {
                frames.add("HEADERS of " + stream);
            }
            else if (type == FrameType.DATA)
            {
                content += length;
            }
            buffer.position(buffer.position() + length);
        }
        frames.add("bytes of content " + content);
        return frames;
    }

    @Test
    void http2SaysGoAwayFinishesWhatRunsAndTakesNothingNew() throws Exception
    {
        try (JsseConnection connection = http2())
        {
            connection.write(request(1, "/long"));
            application.reached();
            toTheDeadline();
            clock.advance(MILLI.negated());
            assertSweepClosesNothing();
            clock.advance(MILLI);
            assertSweepClosesNothing();
            clock.advance(Duration.ofSeconds(1));
            assertSweepClosesNothing();
            connection.write(request(3, "/"));
            clock.advance(Duration.ofSeconds(1));
            assertSweepClosesNothing();
            application.go.countDown();
            Future<byte[]> rest = background.submit(connection::rest);
            Await.until(PATIENCE, () ->
            {
                open.sweep();
                return rest.isDone();
            }, open::toString);
            assertEquals(List.of("HEADERS of 1", "GOAWAY " + Integer.MAX_VALUE, "GOAWAY 1",
                "bytes of content " + SlowApplication.BODY.length), frames(rest.get()));
        }
        assertEquals(1, application.handled.get());
        Await.until(PATIENCE, () -> open.gracefulEnds() == 1, open::toString);
    }

    @Test
    void http2StreamThatDoesNotEndIsCutAtTheTimeToClose() throws Exception
    {
        try (JsseConnection connection = http2())
        {
            connection.write(request(1, "/long"));
            application.reached();
            toTheDeadline();
            assertSweepClosesNothing();
            clock.advance(CLOSE_TIMEOUT.minus(MILLI));
            assertSweepClosesNothing();
            clock.advance(MILLI);
            open.sweep();
            assertTrue(frames(connection.rest()).contains("GOAWAY 1"));
        }
        Await.until(PATIENCE, () -> open.hardEnds() == 1, open::toString);
    }

    @Test
    void idleHttp2ConnectionIsClosedForAClientThatDoesNotCloseIt() throws Exception
    {
        try (JsseConnection connection = http2())
        {
            connection.write(request(1, "/"));
            Await.until(PATIENCE, () -> application.deadline != null, open::toString);
            toTheDeadline();
            open.sweep();
            assertSweepClosesNothing();
            clock.advance(Duration.ofSeconds(1));
            open.sweep();
            // The answer may still be on its way when the session ends.
            assertEquals(Set.of("HEADERS of 1", "GOAWAY " + Integer.MAX_VALUE, "GOAWAY 1", "bytes of content 2"),
                Set.copyOf(frames(connection.rest())));
        }
        Await.until(PATIENCE, () -> open.gracefulEnds() == 1, open::toString);
    }
}
