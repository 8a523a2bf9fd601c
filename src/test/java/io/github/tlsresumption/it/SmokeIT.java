package io.github.tlsresumption.it;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The module's main promises on one real Jetty: {@code mvn verify -Psmoke} runs this class alone.
 */
@StartsProcesses
class SmokeIT
{
    private static JettyProcess jetty;
    private static Jmx jmx;

    @BeforeAll
    static void start()
    {
        jetty = ModuleBase.probed("smoke", "ticket", "ticket").modules("jmx")
            .property("jetty.tlsResumption.rules", "cached host=" + TWO + " mode=cache; none network=127.0.7.3 mode=off").startByStartJar();
        jmx = Jmx.connect(jetty);
    }

    @AfterAll
    static void stop()
    {
        if (jmx != null)
        {
            jmx.close();
        }
        if (jetty != null)
        {
            jetty.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void ticketsResumeAndRotationTakesNone(String protocol) throws Exception
    {
        OpenSsl client = openSsl(jetty, ONE, protocol);
        assertFalse(resumed(client));
        assertTrue(resumed(client));
        jmx.invoke("rotateTicketKeys");
        assertTrue(resumed(client));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void aForgottenSessionOfEachModeIsFull(String protocol) throws Exception
    {
        for (String host : new String[] {ONE, TWO})
        {
            OpenSsl client = openSsl(jetty, host, protocol);
            assertFalse(resumed(client));
            OpenSsl.Result second = client.copy().connect();
            assertTrue(second.reused(), second::output);
            assertEquals(host.equals(TWO) ? "cache" : "ticket", second.reply().json().get("mode"));
            jmx.invoke("forgetSession", (String)second.reply().json().get("id"));
            assertFalse(resumed(client));
            assertTrue(resumed(client));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void aRuleTurnsResumptionOff(String protocol)
    {
        OpenSsl client = openSsl(jetty, ONE, protocol).from("127.0.7.3");
        assertFalse(resumed(client));
        assertFalse(resumed(client));
    }

    @Test
    void clientsWithoutTicketsResumeBySessionId()
    {
        OpenSsl client = openSsl(jetty, ONE, TLS12).noTicket();
        assertFalse(resumed(client));
        assertTrue(resumed(client));
    }

    private static boolean resumed(OpenSsl client)
    {
        OpenSsl.Result result = client.connect();
        assertEquals(200, result.reply().status(), result::output);
        return result.reused();
    }
}
