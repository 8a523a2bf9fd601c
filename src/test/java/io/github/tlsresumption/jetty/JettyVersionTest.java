package io.github.tlsresumption.jetty;

import java.util.Optional;

import org.eclipse.jetty.util.Jetty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * The oldest versions are those of the distributions in the build, on which {@code JettyLinesIT} runs.
 */
class JettyVersionTest
{
    @ParameterizedTest
    @ValueSource(strings = {"9.4.58.v20250814", "11.0.25", "12.0.0", "12.0.30", "12.0.9", "12.1.0", "12.1.11", "12.1.0.beta3"})
    void anOlderOneIsNamedWithThoseThatAreTaken(String version)
    {
        assertEquals(Optional.of("Jetty " + version + " is too old for TLS session resumption: use 12.0.31 or a later 12.0, or 12.1.12 or "
            + "later"), JettyVersion.obstacle(version));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.0.31", "12.0.36", "12.0.100", "12.1.12", "12.1.14", "12.2.0", "13.0.0", "12.0.z-SNAPSHOT", "", "none"})
    void othersAreTaken(String version)
    {
        assertEquals(Optional.empty(), JettyVersion.obstacle(version));
    }

    @Test
    void theOneOfTheBuildIsTaken()
    {
        assertEquals(Optional.empty(), JettyVersion.obstacle(Jetty.VERSION));
    }
}
