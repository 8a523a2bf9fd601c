package io.github.tlsresumption.it;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * A web application that knows its client by {@code ssl_session_id} keeps it over all resumptions, and gets a new one with a full
 * handshake.
 */
@StartsProcesses
@OnEachEngine
class StableSessionIdIT
{
    private static final int RESUMPTIONS = 20;
    private static final String PATH = Probe.PATH + "session";
    private static final Map<String, JettyProcess> SERVERS = new HashMap<>();

    @BeforeAll
    static void start()
    {
        for (String mode : List.of("ticket", "cache"))
        {
            SERVERS.put(mode, ModuleBase.probed("stable-id-" + mode, mode, mode).modules("http2").start());
        }
    }

    @AfterAll
    static void stop()
    {
        SERVERS.values().forEach(JettyProcess::close);
    }

    static Stream<Arguments> modesProtocols()
    {
        return Stream.of("ticket", "cache").flatMap(mode -> Stream.of(TLS12, TLS13).map(protocol -> arguments(mode, protocol)));
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void openSslKeepsItsIdOverTwentyResumptions(String mode, String protocol)
    {
        keepsItsId(OpenSsl.client(SERVERS.get(mode).port()).host(ONE).protocol(protocol).path(PATH));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void clientWithoutTicketsKeepsItsIdOverTwentyResumptions(String mode)
    {
        keepsItsId(OpenSsl.client(SERVERS.get(mode).port()).host(ONE).protocol(TLS12).noTicket().path(PATH));
    }

    private static void keepsItsId(OpenSsl client)
    {
        OpenSsl stranger = client.copy();
        OpenSsl.Result first = client.connect();
        assertFalse(first.reused(), first::output);
        String id = id(first);
        assertEquals(64, id.length(), first::output);
        for (int i = 0; i < RESUMPTIONS; i++)
        {
            OpenSsl.Result next = client.connect();
            assertAll(
                () -> assertTrue(next.reused(), next::output),
                () -> assertEquals(id, id(next), next::output));
        }
        Set<String> others = new HashSet<>(List.of(id));
        for (int i = 0; i < 3; i++)
        {
            OpenSsl.Result full = stranger.copy().connect();
            assertFalse(full.reused(), full::output);
            assertTrue(others.add(id(full)), full::output);
        }
    }

    private static String id(OpenSsl.Result result)
    {
        return (String)result.reply().json().get("id");
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void jettyClientKeepsItsIdOverHttp2(String mode, String protocol)
    {
        for (boolean h2 : List.of(false, true))
        {
            Set<Object> ids = new HashSet<>();
            try (JettyClient client = new JettyClient(SERVERS.get(mode).port(), ONE, protocol, h2))
            {
                for (int i = 0; i <= RESUMPTIONS / 4; i++)
                {
                    JettyClient.Result result = client.get(PATH);
                    assertEquals(i > 0, result.resumed(), result::toString);
                    ids.add(result.reply().json().get("id"));
                }
            }
            assertEquals(1, ids.size(), ids::toString);
        }
    }
}
