package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Under load, while the ticket keys are rotated, no connection fails and no client loses its session.
 */
@ExtendWith(NoProcessLeft.class)
class RotationIT
{
    private static final int HANDSHAKES = 10_000;
    private static final int ROTATIONS = 3;
    private static final Duration SEAL_PERIOD = Duration.ofSeconds(8);

    @Test
    void noResumptionIsLostOverRotations()
    {
        JettyBase base = ModuleBase.probed("rotation", "ticket", "ticket");
        base.property("jetty.tlsResumption.rotation.sealPeriod", String.valueOf(SEAL_PERIOD.toSeconds()));
        base.property("jetty.tlsResumption.rotation.lead", "2");
        base.property("jetty.tlsResumption.maxSessionDuration", "3600");
        Set<String> keys = new LinkedHashSet<>();
        ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor();
        try (JettyProcess jetty = base.start())
        {
            List<JsseClient> clients = new ArrayList<>();
            for (String host : List.of(ONE, TWO))
            {
                for (String protocol : List.of(TLS12, TLS13))
                {
                    clients.add(new JsseClient(jetty.port(), host, protocol));
                    clients.add(new JsseClient(jetty.port(), host, protocol));
                }
            }
            sampler.scheduleWithFixedDelay(() -> keys.add(key(openSsl(jetty, ONE, TLS13).connect())), 0, 1, TimeUnit.SECONDS);

            Load.Result load = Load.run(clients, Probe.PATH, HANDSHAKES, SEAL_PERIOD.multipliedBy(ROTATIONS + 1));

            sampler.shutdown();
            assertTrue(sampler.awaitTermination(30, TimeUnit.SECONDS));
            assertAll(
                () -> assertTrue(load.connections() >= HANDSHAKES, load::toString),
                () -> assertTrue(keys.size() > ROTATIONS, keys::toString),
                () -> assertEquals(0, load.failed(), load::toString),
                () -> assertEquals(clients.size(), load.full(), load::toString),
                () -> assertEquals(load.connections() - clients.size(), load.resumed(), load::toString));
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        finally
        {
            sampler.shutdownNow();
        }
    }

    /**
     * The id of the key that sealed a ticket: behind SunJSSE's key number (4 bytes), its IV (16), from JDK 21 on a flag (1),
     * and our version (1).
     */
    static String key(OpenSsl.Result result)
    {
        int from = 4 + 16 + (Runtime.version().feature() >= 21 ? 1 : 0) + 1;
        return HexFormat.of().formatHex(Arrays.copyOfRange(result.ticket(), from, from + 8));
    }
}
