package io.github.tlsresumption.cluster.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

import io.github.tlsresumption.Exhaustive;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Drivers and pools whose classes do not fit: the start is refused, instead of going on without keys for ever.
 */
@Exhaustive
class OtherDriverTest
{
    private static final String URL = "jdbc:unfit://host/db?password=hush-4711";
    private static final Error UNFIT = new AbstractMethodError("Receiver class org.unfit.OldConnection does not define 'void x()'");

    private Driver driver;

    @AfterEach
    void leave() throws SQLException
    {
        if (driver != null)
        {
            DriverManager.deregisterDriver(driver);
        }
    }

    private static <T> T failing(Class<T> type, String failing, Object answer)
    {
        return type.cast(Proxy.newProxyInstance(OtherDriverTest.class.getClassLoader(), new Class<?>[]{type}, (self, method, arguments) ->
        {
            if (method.getName().equals(failing))
            {
                throw UNFIT;
            }
            return switch (method.getName())
            {
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> self == arguments[0];
                case "toString" -> "of a test";
                case "acceptsURL" -> ((String)arguments[0]).startsWith("jdbc:unfit:");
                case "getMajorVersion", "getMinorVersion", "getNetworkTimeout", "getTransactionIsolation" -> 1;
                case "isReadOnly", "isClosed" -> false;
                case "getAutoCommit", "isValid" -> true;
                default -> method.getReturnType().isInstance(answer) ? answer : null;
            };
        }));
    }

    private static void assertRefused(JdbcStores stores)
    {
        try (stores)
        {
            TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, stores.ticketKeyStore()::stamp);
            assertEquals(Kind.REFUSED, refused.kind(), refused::getMessage);
            assertTrue(refused.getMessage().contains("org.unfit.OldConnection is in no jar"), refused::getMessage);
            assertTrue(refused.getMessage().contains("a JDBC driver"), refused::getMessage);
            assertFalse(refused.getMessage().contains("hush-4711"), refused::getMessage);
        }
    }

    private static JdbcOptions options()
    {
        return new JdbcOptions("t_", 3, Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect", "setNetworkTimeout", "prepareStatement"})
    void aDriverThatDoesNotFitIsRefused(String method) throws SQLException
    {
        driver = failing(Driver.class, method, failing(Connection.class, method, null));
        DriverManager.registerDriver(driver);
        assertRefused(new JdbcStores(URL, null, null, "a passphrase"::toCharArray, options()));
    }

    @Test
    void aDriverThatCannotTellWhetherItTakesTheUrlIsRefused() throws SQLException
    {
        driver = failing(Driver.class, "acceptsURL", null);
        DriverManager.registerDriver(driver);
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
            () -> new JdbcStores("jdbc:nobodys://host/db", null, null, "a passphrase"::toCharArray, options()));
        assertTrue(refused.getMessage().contains("org.unfit.OldConnection is in no jar"), refused::getMessage);
    }

    @Test
    void aPoolOfTheApplicationsThatDoesNotFitIsRefused()
    {
        DataSource pool = failing(DataSource.class, "getConnection", null);
        assertRefused(new JdbcStores(pool, "a pool", "a passphrase"::toCharArray, options()));
    }
}
