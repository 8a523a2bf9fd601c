package io.github.tlsresumption.lean;

import java.util.Optional;

import org.eclipse.jetty.util.Jetty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class TriedVersionsTest
{
    @ParameterizedTest
    @ValueSource(strings = {"12.0.30", "12.0.32", "12.1.11", "12.1.15", "12.1.0.beta3", "12.2.0", "13.0.14", "12.1.14-SNAPSHOT", ""})
    void whatWasNotTriedIsNamedWithWhatToDo(String version)
    {
        assertEquals(Optional.of("the module tls-resumption-lean was not tried with Jetty " + version + ", only with 12.0.31, and "
            + "12.1.12 to 12.1.14: remove start.d/tls-resumption-lean.ini, or use a release of TLS session resumption that knows this "
            + "Jetty"), TriedVersions.obstacle(version));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.0.31", "12.1.12", "12.1.14"})
    void thoseOfTheBuildAreTaken(String version)
    {
        assertEquals(Optional.empty(), TriedVersions.obstacle(version));
    }

    @Test
    void theNewestIsThatOfTheBuild()
    {
        assertEquals(Optional.empty(), TriedVersions.obstacle(Jetty.VERSION));
    }
}
