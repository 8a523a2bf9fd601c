package io.github.tlsresumption.cluster.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/**
 * How often a start logs in with a password that the database refuses: many databases lock an account after a few attempts.
 */
class JdbcAttemptsTest
{
    private static final String WRONG_PASSWORD = "28P01";
    private static final long REFUSAL_MILLIS = 500;

    private final AtomicInteger attempts = new AtomicInteger();
    private final Driver driver = (Driver)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{Driver.class},
        (self, method, arguments) -> switch (method.getName())
        {
            case "hashCode" -> System.identityHashCode(self);
            case "equals" -> self == arguments[0];
            case "toString" -> "of a test";
            case "acceptsURL" -> ((String)arguments[0]).startsWith("jdbc:refusing:");
            case "getMajorVersion", "getMinorVersion" -> 1;
            case "connect" -> ((String)arguments[0]).startsWith("jdbc:refusing:") ? refused() : null;
            default -> null;
        });

    /*
     * Slowly, as databases do against guessers: so a pool has time for more attempts.
     */
    private Object refused() throws SQLException, InterruptedException
    {
        attempts.incrementAndGet();
        new CountDownLatch(1).await(REFUSAL_MILLIS, TimeUnit.MILLISECONDS);
        throw new SQLException("password authentication failed", WRONG_PASSWORD);
    }

    @BeforeEach
    void register() throws SQLException
    {
        DriverManager.registerDriver(driver);
    }

    @AfterEach
    void leave() throws SQLException
    {
        DriverManager.deregisterDriver(driver);
    }

    @Test
    void aPasswordThatIsRefusedIsTriedOnce()
    {
        try (JdbcStores stores = new JdbcStores("jdbc:refusing://host/db", "jetty", "wrong", "a passphrase"::toCharArray,
            JdbcOptions.DEFAULT))
        {
            TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, () -> stores.requireAccess(true));
            assertEquals(Kind.REFUSED, refused.kind(), refused::getMessage);
        }
        assertEquals(1, attempts.get());
    }
}
