package io.github.tlsresumption.lean;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EventListener;
import javax.net.ssl.SSLEngine;

import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;

/**
 * Makes connections of TLS whose ClientHello is handled by the selector's thread, where the {@linkplain LeanConnector#isPrompt connector is
 * prompt}. Thread-safe once it has started.
 */
final class LeanSslConnectionFactory extends SslConnectionFactory
{
    private final LeanConnector connector;

    private LeanSslConnectionFactory(LeanConnector connector, SslConnectionFactory model)
    {
        super(model.getSslContextFactory(), model.getNextProtocol());
        this.connector = connector;
    }

    /**
     * @param connector that asks for it
     * @param model a factory that has not started
     * @return one with the same settings and listeners
     */
    static LeanSslConnectionFactory like(LeanConnector connector, SslConnectionFactory model)
    {
        LeanSslConnectionFactory lean = new LeanSslConnectionFactory(connector, model);
        lean.setDirectBuffersForEncryption(model.isDirectBuffersForEncryption());
        lean.setDirectBuffersForDecryption(model.isDirectBuffersForDecryption());
        lean.setInputBufferSize(model.getInputBufferSize());
        lean.setEnsureSecureRequestCustomizer(model.isEnsureSecureRequestCustomizer());
        for (EventListener listener : model.getEventListeners())
        {
            lean.addEventListener(listener);
        }
        return lean;
    }

    @Override
    protected SslConnection newSslConnection(Connector from, EndPoint endPoint, SSLEngine engine)
    {
        return connector.isPrompt() ? new PromptConnection(from, endPoint, engine) : super.newSslConnection(from, endPoint, engine);
    }

    /**
     * One whose first event, that of its ClientHello, a selector's thread may handle itself.
     */
    private final class PromptConnection extends SslConnection
    {
        /** In the first event the thread that handles it. */
        private volatile Thread first;
        private int reads;

        private PromptConnection(Connector from, EndPoint endPoint, SSLEngine engine)
        {
            super(from.getByteBufferPool(), from.getExecutor(), getSslContextFactory(), endPoint, engine, isDirectBuffersForEncryption(),
                isDirectBuffersForDecryption());
        }

        @Override
        protected SslEndPoint newSslEndPoint()
        {
            return new PromptEndPoint();
        }

        /**
         * A client that answers quickly may have sent its request by now. The selector's thread must not handle that: it would run the
         * application.
         */
        @Override
        protected int networkFill(ByteBuffer input) throws IOException
        {
            return Thread.currentThread() == first && reads++ > 0 ? 0 : super.networkFill(input);
        }

        private final class PromptEndPoint extends SslEndPoint
        {
            private boolean asked;

            @Override
            public void fillInterested(Callback callback)
            {
                super.fillInterested(promptOnce(callback));
            }

            @Override
            public boolean tryFillInterested(Callback callback)
            {
                return super.tryFillInterested(promptOnce(callback));
            }

            private Callback promptOnce(Callback callback)
            {
                boolean isFirst = !asked;
                asked = true;
                return isFirst ? new FirstEvent(callback) : callback;
            }
        }

        /**
         * Whether it blocks is asked when it comes.
         */
        private final class FirstEvent implements Callback
        {
            private final Callback callback;

            private FirstEvent(Callback callback)
            {
                this.callback = callback;
            }

            @Override
            public InvocationType getInvocationType()
            {
                return connector.isPrompt() ? InvocationType.NON_BLOCKING : callback.getInvocationType();
            }

            @Override
            public void succeeded()
            {
                first = Thread.currentThread();
                try
                {
                    callback.succeeded();
                }
                finally
                {
                    first = null;
                }
            }

            @Override
            public void failed(Throwable cause)
            {
                callback.failed(cause);
            }
        }
    }
}
