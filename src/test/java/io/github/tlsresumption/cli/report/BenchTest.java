package io.github.tlsresumption.cli.report;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.ServerKeyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A real measurement without the time for a warm-up, and of one round.
 */
class BenchTest
{
    @TempDir
    private Path directory;

    @Test
    void nothingFollowsFromOneRoundOfAColdProcess() throws Exception
    {
        Path keyStore = directory.resolve("keystore.p12");
        ServerKeyStore.write(keyStore, "one.test", "a password");
        List<String> steps = new ArrayList<>();
        Bench.Pace pace = new Bench.Pace(3, Duration.ZERO, Duration.ZERO, 0);

        Bench.Results results = new Bench(keyStore, "a password", Optional.of("one.test"), pace, steps::add).run();

        Environment environment = Measured.clearly().environment();
        Recommendation recommendation = Recommendation.of(results, environment);
        assertAll(
            () -> assertEquals(List.of("measuring, round 1"), steps),
            () -> assertFalse(results.quiet()),
            () -> assertEquals(13, results.measurements().size()),
            () -> assertEquals(Optional.empty(), recommendation.modes()),
            () -> assertTrue(recommendation.answer().contains("The warm-up did not settle"), recommendation::answer),
            () -> assertTrue(recommendation.answer().contains("TLS 1.3 and TLS 1.2: only 1 round was measured"), recommendation::answer));
        for (Measurement measurement : results.measurements())
        {
            assertEquals(1, measurement.rounds().length, measurement::toString);
            assertEquals(3, measurement.nanos().length, measurement::toString);
            assertTrue(measurement.isAsExpected(), measurement::toString);
        }
    }
}
