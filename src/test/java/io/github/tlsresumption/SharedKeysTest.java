package io.github.tlsresumption;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.CheapKeyFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Connectors with the same ticket keys have the same settings for them, whatever their scopes are called.
 */
class SharedKeysTest extends FactoryTestBase
{
    private static final String PREFIX = "jetty.tlsResumption.";

    private static Arguments differing(String settings, BiConsumer<ResumptionSslContextFactory, Path> change)
    {
        return Arguments.of(settings, change);
    }

    static Stream<Arguments> whatMustAgree()
    {
        return Stream.of(
            differing("rotation.sealPeriod", (factory, directory) -> factory.setRotationSealPeriod("6h")),
            differing("rotation.lead", (factory, directory) -> factory.setRotationLead("5m")),
            differing("rotation.lifetime", (factory, directory) -> factory.setMaxSessionDuration("1h")),
            differing("ticketKeyStore", (factory, directory) -> factory.setTicketKeyStoreType("secret")),
            differing("ticketKeyPassphrase", (factory, directory) -> factory.setTicketKeyPassphrase(null)),
            differing("ticketKeyPassphrase", (factory, directory) -> factory.setTicketKeyPassphrase("another")),
            differing("forgetLogFile", (factory, directory) -> factory.setForgetLogFile(directory.resolve("other").toString())),
            differing("client.ipv4Prefix", (factory, directory) -> factory.setClientIpv4Prefix(24)),
            differing("client.ipv6Prefix", (factory, directory) -> factory.setClientIpv6Prefix(48)));
    }

    /**
     * Otherwise who was forgotten on the one would be resumed by the other, or the other could not use the file.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("whatMustAgree")
    void scopesOfOneKeyFileAgree(String setting, BiConsumer<ResumptionSslContextFactory, Path> change) throws Exception
    {
        CheapKeyFile.write(directory.resolve("keys"), SECRET);
        ResumptionSslContextFactory one = withKeyFile();
        one.start();
        ResumptionSslContextFactory two = withKeyFile();
        change.accept(two, directory);
        Exception failure = assertThrows(Exception.class, two::start);
        assertTrue(failure.getMessage().startsWith(PREFIX + setting + " differs for connectors that share the ticket keys in "
            + directory.resolve("keys") + " ("), failure::getMessage);
        assertTrue(failure.getMessage().contains("): set the same " + PREFIX + setting), failure::getMessage);
        assertFalse(failure.getMessage().contains(SECRET), failure::getMessage);

        ResumptionSslContextFactory same = withKeyFile();
        same.start();
        assertNotEquals(one.getScope(), same.getScope());
        same.stop();
        one.stop();
        assertNothingLeft();
    }

    @Test
    void aPassphraseIsTheSameWhereverItComesFrom() throws Exception
    {
        CheapKeyFile.write(directory.resolve("keys"), SECRET);
        ResumptionSslContextFactory one = withKeyFile();
        one.start();
        Path file = Files.writeString(directory.resolve("passphrase"), SECRET + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        ResumptionSslContextFactory two = withKeyFile();
        two.setTicketKeyPassphrase(null);
        two.setTicketKeyPassphraseFile(file.toString());
        two.start();
        two.stop();
        one.stop();
    }

    @Test
    void nothingMustAgreeWhereEachHasKeysOfItsOwn() throws Exception
    {
        ResumptionSslContextFactory one = factory();
        one.start();
        ResumptionSslContextFactory two = factory();
        two.setClientIpv4Prefix(24);
        two.setMaxSessionDuration("1h");
        two.start();
        two.stop();
        one.stop();
    }

    /**
     * The list of whoever is first is the scope's, so that the other's would stay empty.
     */
    @Test
    void connectorsOfOneScopeHaveOneForgetLogThatWasGiven() throws Exception
    {
        ResumptionSslContextFactory one = withForgetLog("a log");
        one.start();
        for (ResumptionSslContextFactory other : new ResumptionSslContextFactory[]{withForgetLog("another log"), withForgetLog(null)})
        {
            Exception failure = assertThrows(Exception.class, other::start);
            assertTrue(failure.getMessage().contains("jetty.tlsResumption.scope is 'lists'"), failure::getMessage);
            assertTrue(failure.getMessage().contains("(forgetLogFile a log and "), failure::getMessage);
        }
        ResumptionSslContextFactory same = withForgetLog("a log");
        same.start();
        assertEquals(one.getScope(), same.getScope());
        same.stop();
        one.stop();
    }

    private ResumptionSslContextFactory withKeyFile()
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(directory.resolve("keys").toString());
        factory.setTicketKeyPassphrase(SECRET);
        factory.setForgetLogFile(directory.resolve("forgotten").toString());
        return factory;
    }

    private static ResumptionSslContextFactory withForgetLog(String name)
    {
        ResumptionSslContextFactory factory = factory();
        factory.setScope("lists");
        factory.setForgetLog(name == null ? null : (ForgetLog)Proxy.newProxyInstance(SharedKeysTest.class.getClassLoader(),
            new Class<?>[]{ForgetLog.class}, (proxy, method, arguments) -> switch (method.getName())
            {
                case "describe" -> name;
                case "shared" -> false;
                case "losses" -> 0;
                default -> null;
            }));
        return factory;
    }
}
