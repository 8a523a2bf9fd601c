package io.github.tlsresumption.jetty;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.TlsSession;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Answers at once, or where the path says so only when the test says go.
 */
final class SlowApplication extends Handler.Abstract
{
    static final byte[] BODY = new byte[1_000_000];

    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    final AtomicInteger handled = new AtomicInteger();
    volatile Instant deadline;
    volatile EndPoint lastEndPoint;

    SlowApplication()
    {
        for (int i = 0; i < BODY.length; i++)
        {
            BODY[i] = (byte)(i % 251);
        }
    }

    void reached() throws InterruptedException
    {
        assertTrue(reached.await(OpenConnectionsBase.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    void hold()
    {
        reached.countDown();
        try
        {
            go.await();
        }
        catch (InterruptedException e)
        {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception
    {
        handled.incrementAndGet();
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        lastEndPoint = endPoint;
        if (endPoint.getSslSessionData().sslSession().getValue(TlsSession.NAME)
            instanceof TlsSession session)
        {
            deadline = session.deadline();
        }
        switch (request.getHttpURI().getPath())
        {
            case "/late" ->
            {
                hold();
                response.write(true, ByteBuffer.wrap(BODY), callback);
            }
            case "/values" ->
            {
                SSLSession values = endPoint.getSslSessionData().sslSession();
                for (String name : List.of(TlsSession.NAME, TlsSession.FIRST))
                {
                    values.removeValue(name);
                    assertThrows(IllegalArgumentException.class, () -> values.putValue(name, "mine"));
                }
                Content.Sink.write(response, true, String.join(",", values.getValueNames()), callback);
            }
            case "/long" ->
            {
                response.getHeaders().put(HttpHeader.CONTENT_LENGTH, BODY.length);
                Content.Sink.write(response, false, ByteBuffer.wrap(BODY, 0, BODY.length / 2));
                hold();
                response.write(true, ByteBuffer.wrap(BODY, BODY.length / 2, BODY.length - BODY.length / 2), callback);
            }
            case "/upload" ->
            {
                response.getHeaders().put(HttpHeader.CONTENT_LENGTH, request.getLength());
                reached.countDown();
                Content.copy(request, response, callback);
            }
            case "/upgrade" ->
            {
                request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new Silent(endPoint, getServer().getThreadPool()));
                response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
                response.getHeaders().put(HttpHeader.UPGRADE, "silence");
                response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
                callback.succeeded();
            }
            default -> Content.Sink.write(response, true, "ok", callback);
        }
        return true;
    }

    /**
     * A protocol that is not HTTP and in which nobody says anything.
     */
    private static final class Silent extends AbstractConnection
    {
        private Silent(EndPoint endPoint, Executor executor)
        {
            super(endPoint, executor);
        }

        @Override
        public void onOpen()
        {
            super.onOpen();
            fillInterested();
        }

        @Override
        public void onFillable()
        {
            getEndPoint().close();
        }
    }
}
