package io.github.tlsresumption.jsse;

import java.lang.management.ManagementFactory;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

class StateFormatTest
{
    private static final byte[] NONE = {};

    /**
     * An update of the module does not end sessions.
     */
    @Test
    void theMarkOfARuntimeStays()
    {
        assertEquals(1922991, StateFormat.mark("Eclipse Adoptium", "25.0.3+9-LTS", NONE));
    }

    @Test
    void anotherRuntimeHasAnotherMark()
    {
        int mark = StateFormat.mark("vendor", "21.0.1+12", NONE);
        assertNotEquals(mark, StateFormat.mark("other", "21.0.1+12", NONE));
        assertNotEquals(mark, StateFormat.mark("vendor", "21.0.2+13", NONE));
        assertNotEquals(mark, StateFormat.mark("vendor", "21.0.1+12", new byte[]{1}));
        assertNotEquals(StateFormat.mark("vendor", "21.0.1+12", new byte[]{2}), StateFormat.mark("vendor", "21.0.1+12", new byte[]{1}));
    }

    /**
     * The version of a JVM with the option {@code --patch-module} does not tell whose states it writes.
     */
    @Test
    void otherClassesInThePlaceOfTheRuntimesHaveAMarkOfTheirOwn()
    {
        boolean patched = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .anyMatch(argument -> argument.startsWith("--patch-module=java.base="));
        int byVersion = StateFormat.mark(System.getProperty("java.vendor"), System.getProperty("java.runtime.version"), NONE);
        assertEquals(patched, StateFormat.MARK != byVersion);
    }
}
