package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

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
@StartsProcesses
@OnEachEngine
class RotationIT
{
    private static final int HANDSHAKES = Integer.getInteger("rotation.handshakes", 1_000);
    private static final int ROTATIONS = Integer.getInteger("rotation.rotations", 3);
    private static final Duration SEAL_PERIOD = Duration.ofMinutes(30);
    private static final Duration LEAD = Duration.ofMinutes(2);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void noResumptionIsLostOverRotations() throws Exception
    {
        WallClock clock = WallClock.real();
        JettyBase base = ModuleBase.probed("rotation", "ticket", "ticket").clock(clock);
        base.property("jetty.tlsResumption.rotation.sealPeriod", String.valueOf(SEAL_PERIOD.toSeconds()));
        base.property("jetty.tlsResumption.rotation.lead", String.valueOf(LEAD.toSeconds())).modules("jmx");
        AtomicBoolean rotated = new AtomicBoolean();
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
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
            CompletableFuture<Load.Result> loaded = CompletableFuture.supplyAsync(() ->
                Load.run(clients, Probe.PATH, made -> rotated.get() && made >= HANDSHAKES));
            Set<String> keys = new LinkedHashSet<>();
            try
            {
                keys.add(key(openSsl(jetty, ONE, TLS13).connect()));
                for (int i = 0; i < ROTATIONS; i++)
                {
                    List<Cluster.Ring.Key> known = Cluster.Ring.of(jmx).keys();
                    clock.moveTo(known.get(known.size() - 1).until().minus(LEAD.dividedBy(2)));
                    Await.until(LIMIT, () -> Cluster.Ring.of(jmx).keys().size() > known.size(), jetty::log);
                    clock.move(LEAD);
                    assertTrue(keys.add(key(openSsl(jetty, ONE, TLS13).connect())), "sealed with the last key");
                }
            }
            finally
            {
                rotated.set(true);
            }
            Load.Result load = loaded.get();
            assertAll(
                () -> assertTrue(load.connections() >= HANDSHAKES, load::toString),
                () -> assertEquals(0, load.failed(), load::toString),
                () -> assertEquals(clients.size(), load.full(), load::toString),
                () -> assertEquals(load.connections() - clients.size(), load.resumed(), load::toString));
        }
    }

    /**
     * The id of the key that sealed a ticket: behind what SunJSSE puts in front, and our version (1 byte).
     */
    static String key(OpenSsl.Result result)
    {
        int from = ModuleBase.ticketPrefix() + 1;
        return HexFormat.of().formatHex(Arrays.copyOfRange(result.ticket(), from, from + 8));
    }
}
