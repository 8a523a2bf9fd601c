package io.github.tlsresumption;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLEngine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A connector that may resume after all takes its stores into use, whatever happens beside it.
 */
class RouseTest extends FactoryTestBase
{
    private final Rousable factory = new Rousable();

    /**
     * One that resumes nothing until TLS 1.3 is enabled, and is looked at while it takes its stores into use.
     */
    private static final class Rousable extends ResumptionSslContextFactory
    {
        private volatile Runnable look = () ->
        {
        };

        Rousable()
        {
            setKeyStorePath(stores.resolve("server.p12").toString());
            setKeyStorePassword(PASSWORD);
            setMode("cache");
            setTls12Mode("off");
            setIncludeProtocols(TLS12);
        }

        @Override
        public void customize(SSLEngine engine)
        {
            super.customize(engine);
            if (member.scope().filter(Scope::isAwake).isPresent())
            {
                look.run();
            }
        }

        void enable() throws Exception
        {
            reload(changed -> changed.setIncludeProtocols(TLS13, TLS12));
        }
    }

    @AfterEach
    void stop() throws Exception
    {
        factory.stop();
    }

    @Test
    void aStopMeanwhileLeavesNothingThatResumes() throws Exception
    {
        CountDownLatch looked = new CountDownLatch(1);
        Thread stop = new Thread(() -> assertDoesNotThrow(factory::stop));
        factory.look = () ->
        {
            factory.look = () ->
            {
            };
            looked.countDown();
            stop.start();
            // It has stopped, or waits for us.
            await(() -> stop.getState() == Thread.State.TERMINATED || stop.getState() == Thread.State.BLOCKED);
        };
        factory.start();
        try (CaughtLog log = new CaughtLog())
        {
            factory.enable();
            stop.join();
            assertEquals(0, log.warnings().stream().filter(line -> line.contains("may be resumed now")).count(), log.warnings()::toString);
        }
        assertEquals(0, looked.getCount(), "the stores were not taken into use");
        assertFalse(factory.member.resumes());
        assertTrue(factory.member.scope().isEmpty());
        assertNothingLeft();
    }

    @Test
    void anErrorMeanwhileIsAWarningAndTriedAgain() throws Exception
    {
        factory.look = () ->
        {
            throw new StackOverflowError("for a test");
        };
        factory.start();
        try (CaughtLog log = new CaughtLog())
        {
            assertDoesNotThrow(factory::enable);
            assertEquals(1, log.warnings().stream().filter(line -> line.contains("for a test. It is tried again in 10 minutes")).count(),
                log.warnings()::toString);
            factory.member.rouseAgain();
            assertFalse(factory.member.resumes(), "it was tried again at once");
        }
        factory.look = () ->
        {
        };
        factory.member.rouse();
        assertTrue(factory.member.resumes());
    }

    private static void await(BooleanSupplier condition)
    {
        while (!condition.getAsBoolean())
        {
            Thread.onSpinWait();
        }
    }
}
