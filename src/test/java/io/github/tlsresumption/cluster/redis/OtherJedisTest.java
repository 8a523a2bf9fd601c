package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A class path with another version of Jedis, or of its pool, which lacks a class that ours has.
 */
class OtherJedisTest
{
    private static final String PLACE = "Redis at redis://127.0.0.1:1/0";

    /**
     * Loads the stores, Jedis and its pool anew, but for one class.
     */
    private static final class Without extends ClassLoader
    {
        private static final List<String> OWN =
            List.of("io.github.tlsresumption.cluster.redis.", "redis.clients.", "org.apache.commons.pool2.");
        private final String missing;

        Without(String missing)
        {
            super(OtherJedisTest.class.getClassLoader());
            this.missing = missing;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException
        {
            synchronized (getClassLoadingLock(name))
            {
                if (name.equals(missing))
                {
                    throw new ClassNotFoundException(name);
                }
                Class<?> known = findLoadedClass(name);
                if (known != null)
                {
                    return known;
                }
                return OWN.stream().anyMatch(name::startsWith) ? define(name) : super.loadClass(name, resolve);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException
        {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class"))
            {
                if (in == null)
                {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            }
            catch (IOException e)
            {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private static Object stores(String missing) throws ReflectiveOperationException
    {
        Supplier<char[]> passphrase = "correct horse"::toCharArray;
        return new Without(missing).loadClass(RedisStores.class.getName()).getConstructor(String.class, Supplier.class)
            .newInstance("redis://127.0.0.1:1", passphrase);
    }

    private static Object call(Object stores, String name, Class<?>[] types, Object... arguments) throws ReflectiveOperationException
    {
        Method method = stores.getClass().getMethod(name, types);
        return method.invoke(stores, arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis.clients.jedis.DefaultJedisClientConfig$Builder", "redis.clients.jedis.ClientSetInfoConfig"})
    void aStartIsRefusedAndTheClassIsNamed(String missing) throws ReflectiveOperationException
    {
        Object stores = stores(missing);
        TicketKeyStore keys = (TicketKeyStore)call(stores, "ticketKeyStore", new Class<?>[0]);
        TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, keys::stamp);
        assertEquals(TicketKeyStoreException.Kind.REFUSED, refused.kind(), refused::getMessage);
        assertTrue(refused.getMessage().contains(PLACE), refused::getMessage);
        assertTrue(refused.getMessage().contains(missing), refused::getMessage);
        assertTrue(refused.getMessage().contains("lib/ext"), refused::getMessage);
        call(stores, "close", new Class<?>[0]);
    }

    @Test
    void theStoreOfSessionKeysSaysSoToo() throws ReflectiveOperationException
    {
        Object other = stores("redis.clients.jedis.DefaultJedisClientConfig$Builder");
        Supplier<Object> noRing = () -> null;
        SessionKeyStore sessions =
            (SessionKeyStore)call(other, "sessionKeyStore", new Class<?>[]{Supplier.class, Clock.class}, noRing, Clock.systemUTC());
        IOException failure = assertThrows(IOException.class, sessions::warm);
        assertTrue(failure.getMessage().contains("do not fit together"), failure::getMessage);
        call(other, "close", new Class<?>[0]);
    }

    @Test
    void aUriThatCannotEvenBeReadIsRefusedByTheSameMessage()
    {
        InvocationTargetException thrown =
            assertThrows(InvocationTargetException.class, () -> stores("redis.clients.jedis.HostAndPort"));
        assertTrue(thrown.getCause() instanceof IllegalStateException, String.valueOf(thrown.getCause()));
        assertTrue(thrown.getCause().getMessage().contains("do not fit together"), thrown.getCause()::getMessage);
    }
}
