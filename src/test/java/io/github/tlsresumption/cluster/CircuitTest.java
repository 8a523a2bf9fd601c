package io.github.tlsresumption.cluster;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CircuitTest
{
    private static final long PAUSE = Circuit.PAUSE.toNanos();

    // Such a clock may be negative, and runs over.
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - PAUSE / 2);
    private final Circuit circuit = new Circuit(nanos::get);

    private void fail(int times)
    {
        for (int i = 0; i < times; i++)
        {
            circuit.failed();
        }
    }

    @Test
    void fewFailuresAreBorne()
    {
        fail(Circuit.FAILURES - 1);
        assertTrue(circuit.allows());
        circuit.succeeded();
        fail(Circuit.FAILURES - 1);
        assertTrue(circuit.allows());
    }

    @Test
    void afterManyItPausesAndThenAsksOnceInEachPause()
    {
        fail(Circuit.FAILURES);
        assertFalse(circuit.allows());
        nanos.addAndGet(PAUSE - 1);
        assertFalse(circuit.allows());
        nanos.addAndGet(1);
        assertTrue(circuit.allows());
        assertFalse(circuit.allows());
        circuit.failed();
        nanos.addAndGet(PAUSE - 1);
        assertFalse(circuit.allows());
        nanos.addAndGet(1);
        assertTrue(circuit.allows());
    }

    @Test
    void anAnswerEndsThePause()
    {
        fail(Circuit.FAILURES);
        nanos.addAndGet(PAUSE);
        assertTrue(circuit.allows());
        circuit.succeeded();
        assertTrue(circuit.allows());
        assertTrue(circuit.allows());
    }
}
