package io.github.tlsresumption;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What becomes of a server into which a factory is put, when it cannot be, and when the server fails.
 */
class InstallationTest extends FactoryTestBase
{
    private final Server other = new Server();

    private void install()
    {
        SslContextFactory.Server stock = new SslContextFactory.Server();
        stock.setKeyStorePath(stores.resolve("server.p12").toString());
        stock.setKeyStorePassword(PASSWORD);
        other.addBean(stock);
        ResumptionSslContextFactory.install(other);
    }

    /**
     * A part of a server that does not end.
     */
    private static final class Stubborn extends AbstractLifeCycle
    {
        private final AtomicInteger stops = new AtomicInteger();
        private final IllegalStateException failure = new IllegalStateException("does not end");

        @Override
        protected void doStop()
        {
            stops.incrementAndGet();
            throw failure;
        }
    }

    @Test
    void aStopThatFailsIsNotTriedAgain() throws Exception
    {
        Stubborn stubborn = new Stubborn();
        other.addBean(stubborn);
        install();
        other.start();
        assertThrows(Exception.class, other::stop);
        assertEquals(1, stubborn.stops.get());
    }

    @Test
    void aStartThatFailsStopsTheServerAndKeepsItsCause()
    {
        IllegalStateException cause = new IllegalStateException("does not start");
        Stubborn stubborn = new Stubborn();
        other.addBean(stubborn);
        other.addBean(new AbstractLifeCycle()
        {
            @Override
            protected void doStart()
            {
                throw cause;
            }
        });
        install();
        Throwable thrown = assertThrows(Exception.class, other::start);
        assertSame(cause, thrown);
        assertTrue(Arrays.stream(cause.getSuppressed()).anyMatch(suppressed -> contains(suppressed, stubborn.failure)),
            () -> Arrays.toString(cause.getSuppressed()));
    }

    private static boolean contains(Throwable failure, Throwable wanted)
    {
        return failure != null && (failure == wanted || contains(failure.getCause(), wanted));
    }

    @Test
    void aServerThatIsNotSecuredAsAWholeStaysAsItWas()
    {
        ServerConnector plain = new ServerConnector(other);
        other.addConnector(plain);
        other.addConnector(new ServerConnector(other, new SslContextFactory.Server(), new HttpConnectionFactory()));
        assertThrows(IllegalStateException.class, () -> factory().secure(other));
        assertNull(plain.getConnectionFactory(SslConnectionFactory.class));
    }
}
