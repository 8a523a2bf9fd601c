package io.github.tlsresumption.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BoundedThreadsTest
{
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final BoundedThreads threads = new BoundedThreads("test", 1);
    private final CountDownLatch released = new CountDownLatch(1);

    @AfterEach
    void close()
    {
        released.countDown();
        threads.close();
    }

    private Object hang() throws InterruptedException
    {
        released.await();
        return "late";
    }

    @Test
    void whatIsDoneComesBack() throws Exception
    {
        assertEquals("done", threads.call(() -> "done", LONG));
        IOException thrown = new IOException();
        assertSame(thrown, assertThrows(ExecutionException.class, () -> threads.call(() ->
        {
            throw thrown;
        }, LONG)).getCause());
    }

    @Test
    void whoCallsWhatHangsWaitsOnlySoLong()
    {
        long start = System.nanoTime();
        assertThrows(TimeoutException.class, () -> threads.call(this::hang, SHORT));
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        assertTrue(millis >= 50 && millis < 5_000, "took " + millis + " ms");
    }

    @Test
    void whatFindsNoThreadInTimeIsNeverDone() throws Exception
    {
        assertThrows(TimeoutException.class, () -> threads.call(this::hang, SHORT));
        AtomicInteger done = new AtomicInteger();
        assertThrows(RejectedExecutionException.class, () -> threads.call(done::incrementAndGet, SHORT));
        released.countDown();
        assertEquals("next", threads.call(() -> "next", LONG));
        assertEquals(0, done.get());
    }

    @Test
    void anInterruptEndsTheWait()
    {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> threads.call(this::hang, LONG));
    }

    @Test
    void afterTheEndNothingIsBegun()
    {
        threads.close();
        assertThrows(RejectedExecutionException.class, () -> threads.call(() -> "done", LONG));
    }
}
