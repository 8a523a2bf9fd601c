package io.github.tlsresumption.jsse;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

class InternalsTest
{
    private static final String CONTEXT = "SSLSessionContextImpl";

    /**
     * Fails on a JDK that we do not know, by the name of what it lacks.
     */
    @Test
    void thisJdkHasAllThatIsLookedFor()
    {
        assertEquals(List.of(), SunJsse.shortcomings());
    }

    @Test
    void whatIsMissingIsToldByNameWithTheJdk()
    {
        assertNull(Internals.field(CONTEXT, "noSuchField"));
        assertEquals(Optional.of("this JDK (" + System.getProperty("java.vendor") + " " + Runtime.version()
            + ") has no sun.security.ssl.SSLSessionContextImpl.noSuchField"), Internals.obstacle(CONTEXT, "currentKeyID", "noSuchField"));
        assertNull(Internals.field("NoSuchClass", "field"));
        assertEquals(Optional.of("this JDK (" + Internals.jdk() + ") has no sun.security.ssl.NoSuchClass.field"),
            Internals.obstacle("NoSuchClass", "field"));
    }

    @Test
    void whatIsThereIsNoObstacle()
    {
        assertNotNull(Internals.field(CONTEXT, "currentKeyID"));
        assertEquals(Optional.empty(), Internals.obstacle(CONTEXT, "currentKeyID"));
    }
}
