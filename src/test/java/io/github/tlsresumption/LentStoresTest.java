package io.github.tlsresumption;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/**
 * Stores that an application has lent are closed once, also by a start that fails.
 */
class LentStoresTest extends FactoryTestBase
{
    private final List<String> closed = Collections.synchronizedList(new ArrayList<>());
    private Path file;

    @BeforeEach
    void makeAFileInPlaceOfADirectory() throws Exception
    {
        file = Files.writeString(directory.resolve("file"), "");
    }

    private <T> T lent(Class<T> type, T inner)
    {
        return type.cast(Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{type}, (proxy, method, arguments) ->
        {
            if (method.getName().equals("close"))
            {
                closed.add(type.getSimpleName());
            }
            try
            {
                return method.invoke(inner, arguments);
            }
            catch (InvocationTargetException e)
            {
                throw e.getCause();
            }
        }));
    }

    private void assertClosedOnce(ResumptionSslContextFactory factory, String... stores) throws Exception
    {
        assertThrows(Exception.class, factory::start);
        factory.stop();
        assertEquals(List.of(stores), closed);
        assertNothingLeft();
    }

    @Test
    void aForgetLogBesideAKeyFileThatHasNoPlace() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(file.resolve("keys").toString());
        factory.setForgetLog(lent(ForgetLog.class, ForgetLog.none()));
        assertClosedOnce(factory, "ForgetLog");
    }

    @Test
    void aForgetLogBesideAKeyFileThatCannotBeUsed() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(file.toString());
        factory.setForgetLog(lent(ForgetLog.class, ForgetLog.none()));
        assertClosedOnce(factory, "ForgetLog");
    }

    @Test
    void ticketKeysBesideAForgetLogThatHasNoPlace() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(directory.resolve("keys").toString());
        factory.setTicketKeyStore(lent(TicketKeyStore.class, new MemoryTicketKeyStore()));
        factory.setForgetLogFile(file.resolve("forgotten").toString());
        assertClosedOnce(factory, "TicketKeyStore");
    }

    @Test
    void sharedStoresBesideASecretThatIsMissing() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyStoreType("secret");
        factory.setTicketKeyFile(directory.resolve("none").toString());
        factory.setSharedStores(lent(SharedStores.class, sharedStores()));
        assertClosedOnce(factory, "SharedStores");
    }

    @Test
    void aStartWithoutAKeyStore() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setKeyStorePassword("wrong");
        factory.setTicketKeyStore(lent(TicketKeyStore.class, new MemoryTicketKeyStore()));
        factory.setForgetLog(lent(ForgetLog.class, ForgetLog.none()));
        assertClosedOnce(factory, "TicketKeyStore", "ForgetLog");
    }
}
