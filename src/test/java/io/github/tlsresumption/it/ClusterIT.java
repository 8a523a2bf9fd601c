package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.redis.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Two nodes on one Redis. Each has a connector of mode ticket, that of the module; and of mode cache, in a base of its own.
 */
@ExtendWith(NoProcessLeft.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT
{
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String SESSION = Probe.PATH + "session";
    private static final List<JettyProcess> TICKET = new ArrayList<>();
    private static final List<JettyProcess> CACHE = new ArrayList<>();
    private static RedisServer redis;

    @BeforeAll
    static void start()
    {
        redis = RedisServer.start();
        for (int node = 0; node < 2; node++)
        {
            TICKET.add(node("ticket"));
            CACHE.add(node("cache"));
        }
        // The very first ring waits a few seconds for a node that may have one.
        for (JettyProcess jetty : Stream.concat(TICKET.stream(), CACHE.stream()).toList())
        {
            OpenSsl client = client(jetty, TLS13);
            Await.until(LIMIT, () -> client.connect().connected() && client.connect().reused(), jetty::log);
        }
    }

    private static JettyProcess node(String mode)
    {
        return ModuleBase.probed("cluster-" + mode, mode, mode)
            .modules("jmx", "tls-resumption-redis")
            .property("jetty.tlsResumption.ticketKeyPassphrase", "correct horse")
            .property("jetty.tlsResumption.redis.uri", redis.uri())
            .property("jetty.tlsResumption.redis.prefix", mode + ":")
            .property("jetty.tlsResumption.redis.timeout", "500")
            .start();
    }

    @AfterAll
    static void stop()
    {
        TICKET.forEach(JettyProcess::close);
        CACHE.forEach(JettyProcess::close);
        if (redis != null)
        {
            redis.close();
        }
    }

    private static List<JettyProcess> nodes(String mode)
    {
        return mode.equals("ticket") ? TICKET : CACHE;
    }

    static Stream<Arguments> modesProtocols()
    {
        return Stream.of("ticket", "cache").flatMap(mode -> Stream.of(TLS12, TLS13).map(protocol -> arguments(mode, protocol)));
    }

    private static OpenSsl client(JettyProcess jetty, String protocol)
    {
        return OpenSsl.client(jetty.port()).host(ONE).protocol(protocol).path(SESSION);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    @Order(1)
    void everyNodeResumesEverySession(String mode, String protocol)
    {
        OpenSsl client = client(nodes(mode).get(0), protocol);
        OpenSsl.Result first = client.connect();
        assertFalse(first.reused(), first::output);
        Object id = first.reply().json().get("id");
        for (int i = 1; i <= 6; i++)
        {
            client = client.at(nodes(mode).get(i % 2).port());
            OpenSsl.Result next = client.connect();
            assertTrue(next.reused(), next::output);
            assertEquals(id, next.reply().json().get("id"));
        }
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    @Order(2)
    void whoIsForgottenOnOneNodeIsForgottenOnTheOtherWithinASecond(String mode, String protocol) throws Exception
    {
        OpenSsl client = client(nodes(mode).get(0), protocol);
        Object id = client.connect().reply().json().get("id");
        OpenSsl elsewhere = client.at(nodes(mode).get(1).port());
        try (Jmx here = Jmx.connect(nodes(mode).get(0)); Jmx there = Jmx.connect(nodes(mode).get(1)))
        {
            int before = (Integer)there.attribute("forgotten");
            long start = System.nanoTime();
            here.invoke("forgetSession", (String)id);
            Await.until(LIMIT, () -> (Integer)there.attribute("forgotten") > before, () -> "nothing forgotten");
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            System.out.printf("%s, %s: forgotten on the other node after %d ms%n", mode, protocol, millis);
            assertTrue(millis < 1_000, millis + " ms");
        }
        OpenSsl.Result next = elsewhere.connect();
        assertFalse(next.reused(), next::output);
        assertEquals(200, next.reply().status());
    }

    @Test
    @Order(3)
    void withoutRedisTicketsGoOnTheCacheMakesFullHandshakesAndAllComesBack()
    {
        List<OpenSsl> ticket = Stream.of(TLS12, TLS13).map(protocol -> client(TICKET.get(0), protocol)).toList();
        List<OpenSsl> cache = Stream.of(TLS12, TLS13).map(protocol -> client(CACHE.get(0), protocol)).toList();
        Stream.concat(ticket.stream(), cache.stream()).forEach(OpenSsl::connect);

        redis.kill();
        for (int i = 0; i < 3; i++)
        {
            ticket.forEach(client -> assertTrue(client.at(TICKET.get(1).port()).connect().reused()));
            for (OpenSsl client : cache)
            {
                OpenSsl.Result full = client.at(CACHE.get(1).port()).connect();
                assertFalse(full.reused(), full::output);
                assertEquals(200, full.reply().status(), full::output);
            }
        }

        redis.again();
        long start = System.nanoTime();
        for (JettyProcess jetty : List.of(TICKET.get(0), CACHE.get(0)))
        {
            OpenSsl client = client(jetty, TLS13);
            JettyProcess other = jetty == TICKET.get(0) ? TICKET.get(1) : CACHE.get(1);
            Await.until(LIMIT, () -> client.connect().connected() && client.at(other.port()).connect().reused(), jetty::log);
        }
        System.out.printf("all is well %d ms after Redis came back%n", Duration.ofNanos(System.nanoTime() - start).toMillis());
    }

    @Test
    @Order(4)
    void withoutAPassphraseTheServerDoesNotStart()
    {
        String log = ModuleBase.plain("cluster-plain").modules("tls-resumption-redis")
            .property("jetty.tlsResumption.redis.uri", redis.uri()).startFails();
        assertTrue(log.contains("jetty.tlsResumption.ticketKeyPassphrase"), log);
    }
}
