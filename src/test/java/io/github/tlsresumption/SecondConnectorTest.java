package io.github.tlsresumption;

import java.nio.file.Files;
import java.util.Optional;

import io.github.tlsresumption.it.JsseClient;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A second connector has the first one's settings and protocols, but sessions of its own.
 */
class SecondConnectorTest extends FactoryTestBase
{
    private final ResumptionSslContextFactory first = factory();

    private ServerConnector secondConnector(ResumptionSslContextFactory second, ServerConnector model)
    {
        ServerConnector connector = new ServerConnector(server);
        second.secureLike(connector, model);
        server.addConnector(connector);
        return connector;
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS13, TLS12})
    void itResumesItsOwnSessionsAndNotThoseOfTheFirst(String protocol) throws Exception
    {
        first.setTls12Mode("ticket");
        ServerConnector one = connector(first);
        ServerConnector two = secondConnector(first.another(), one);
        server.start();
        for (ServerConnector connector : new ServerConnector[] {one, two})
        {
            JsseClient client = client(connector, protocol);
            assertFalse(client.get("/").resumed());
            JsseClient.Result second = client.get("/");
            assertTrue(second.resumed());
            assertTrue(second.reply().body().contains("mode=ticket"), second.reply()::body);
        }
        assertEquals(2, new Connectors(server).status().connectors().size());
    }

    @Test
    void itHasTheSettingsOfTheFirstButForItsScope()
    {
        first.setMode("cache");
        first.setTls12TicketMode("forbid");
        first.setMaxSessionDuration("1h");
        first.setRotationSealPeriod("20m");
        first.setRules("none network=192.0.2.0/24 mode=off");
        first.setCloseAtDeadline(true);
        first.setCloseTimeout("5s");
        first.setMaxCachedSessions(7);
        first.setIncludeCipherSuites("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384");
        first.setCipherComparator(String::compareTo);
        first.setTicketKeyFile(directory.resolve("keys").toString());
        first.setForgetLogFile(directory.resolve("forgotten").toString());
        first.setScope("first");
        first.setWantClientAuth(true);

        ResumptionSslContextFactory second = first.another();

        assertEquals("cache", second.getMode());
        assertEquals("forbid", second.getTls12TicketMode());
        assertEquals(3_600, second.getMaxSessionDuration());
        assertEquals(1_200, second.getRotationSealPeriod());
        assertTrue(second.isCloseAtDeadline());
        assertEquals(7, second.getMaxCachedSessions());
        assertEquals(5, second.settings.closeTimeout);
        assertTrue(second.policy.decides());
        assertSame(first.getCipherComparator(), second.getCipherComparator());
        assertTrue(second.isUseCipherSuitesOrder());
        assertEquals("TLS_AES_128_GCM_SHA256", second.getIncludeCipherSuites()[0]);
        assertTrue(second.getWantClientAuth());
        assertNull(second.getTicketKeyFile());
        assertNull(second.getForgetLogFile());
        assertNull(second.settings.scopeName);
    }

    @ParameterizedTest
    @CsvSource({"off, cache, off", "off, ticket, off", "cache, ticket, ticket", "ticket, off, off", "cache, , cache"})
    void theModeOfTls12IsThatOfTheFirstUnlessNothingIsResumed(String mode, String ofFirst, String expected)
    {
        Optional.ofNullable(ofFirst).ifPresent(first::setTls12Mode);
        ResumptionSslContextFactory second = first.another();
        second.setMode(mode);
        assertEquals(expected, second.getTls12Mode());
        // One that is made of the second has it, too.
        assertEquals(expected, second.another().getTls12Mode());
    }

    @Test
    void itIsReloadedWithTheFirst() throws Exception
    {
        ServerConnector one = connector(first);
        ResumptionSslContextFactory second = first.another();
        secondConnector(second, one);
        ResumptionSslContextFactory unused = first.another();
        server.start();
        Object before = second.getSslContext();

        first.reload(factory -> factory.setRenegotiationLimit(3));

        assertNotSame(before, second.getSslContext());
        assertEquals(3, second.getRenegotiationLimit());
        assertEquals(3, unused.getRenegotiationLimit());
        assertFalse(unused.isRunning());
    }

    @Test
    void itSpeaksWhatTheFirstSpeaks()
    {
        ServerConnector one = connector(first);
        SslConnectionFactory ssl = one.getConnectionFactory(SslConnectionFactory.class);
        ssl.setDirectBuffersForDecryption(!ssl.isDirectBuffersForDecryption());
        ResumptionSslContextFactory second = first.another();

        ServerConnector two = secondConnector(second, one);

        assertEquals(one.getProtocols(), two.getProtocols());
        assertEquals(one.getDefaultProtocol(), two.getDefaultProtocol());
        assertSame(one.getConnectionFactory(HttpConnectionFactory.class), two.getConnectionFactory(HttpConnectionFactory.class));
        SslConnectionFactory own = two.getConnectionFactory(SslConnectionFactory.class);
        assertSame(second, own.getSslContextFactory());
        assertEquals(ssl.getNextProtocol(), own.getNextProtocol());
        assertEquals(ssl.isDirectBuffersForDecryption(), own.isDirectBuffersForDecryption());
    }

    @Test
    void withoutTlsThereIsNothingToTakeOver()
    {
        ServerConnector plain = new ServerConnector(server);
        IllegalStateException refused = assertThrows(IllegalStateException.class,
            () -> first.another().secureLike(new ServerConnector(server), plain));
        assertTrue(refused.getMessage().contains("enable the module https"), refused::getMessage);
    }

    @Test
    void aFactoryThatRunsGivesNone() throws Exception
    {
        first.start();
        assertThrows(IllegalStateException.class, first::another);
        first.stop();
    }

    @Test
    void sharedStoresOfOneConnectorAreRefused() throws Exception
    {
        first.setSharedStores(sharedStores());
        IllegalStateException refused = assertThrows(IllegalStateException.class, first::another);
        assertTrue(refused.getMessage().contains("a heap, are for one connector only"), refused::getMessage);
        assertFalse(Files.exists(directory.resolve("keys")));
    }

    @Test
    void theServerStartsAgain() throws Exception
    {
        ServerConnector one = connector(first);
        ServerConnector two = secondConnector(first.another(), one);
        for (int i = 0; i < 2; i++)
        {
            server.start();
            assertFalse(client(one, TLS13).get("/").resumed());
            assertFalse(client(two, TLS13).get("/").resumed());
            server.stop();
        }
    }
}
