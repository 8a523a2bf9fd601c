package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.List;

import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.cluster.redis.RedisServer;
import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The first session of mode cache after a start is kept, also where there is just time for one answer of the store: a handshake that made
 * the connection too would need two.
 */
@StartsProcesses
@OnAnyJdk
class FirstHandshakeIT
{
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER = Duration.ofMillis(600);
    private static final long TIMEOUT_MILLIS = 1_000;

    @Test
    void findsTheStoreWarm() throws Exception
    {
        try (RedisServer redis = RedisServer.start(); FaultProxy proxy = new FaultProxy(redis.port()))
        {
            JettyBase base = ModuleBase.probed("first", "cache", "cache")
                .modules("tls-resumption-redis")
                .property("jetty.tlsResumption.redis.uri", "redis://127.0.0.1:" + proxy.port())
                .property("jetty.tlsResumption.redis.timeout", String.valueOf(TIMEOUT_MILLIS))
                .property("jetty.tlsResumption.ticketKeyPassphrase", "a passphrase");
            try (JettyProcess first = base.start())
            {
                // It makes the ring, for which it waits a few seconds.
                OpenSsl client = ModuleBase.openSsl(first, ONE, TLS13);
                Await.until(PATIENCE, () -> client.connect().reused(), first::log);
            }
            try (JettyProcess jetty = base.start())
            {
                proxy.late(ANSWER);
                proxy.fault(FaultProxy.Fault.SLOW);
                for (String protocol : List.of(TLS13, TLS12))
                {
                    OpenSsl client = ModuleBase.openSsl(jetty, ONE, protocol);
                    OpenSsl.Result full = client.connect();
                    assertFalse(full.reused(), full::output);
                    OpenSsl.Result resumed = client.connect();
                    assertTrue(resumed.reused(), jetty::log);
                }
            }
        }
    }
}
