package io.github.tlsresumption.jetty;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.ResumptionSslContextFactory;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.security.Password;
import org.eclipse.jetty.util.ssl.SniX509ExtendedKeyManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Looks at every setter that the factory of the Jetty at hand has, so that a new one does not go unnoticed.
 */
class FactorySettingsTest
{
    @TempDir
    private static Path directory;

    static Stream<Method> setters()
    {
        return Arrays.stream(SslContextFactory.Server.class.getMethods())
            .filter(method -> method.getName().startsWith("set") && method.getParameterCount() == 1)
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .filter(method -> SslContextFactory.class.isAssignableFrom(method.getDeclaringClass()))
            .filter(method -> !method.isSynthetic())
            .sorted(Comparator.comparing(Method::toString));
    }

    @ParameterizedTest
    @MethodSource("setters")
    void everySettingOfTheStockFactoryIsCopied(Method setter) throws Exception
    {
        SslContextFactory.Server stock = new SslContextFactory.Server();
        Map<String, Object> untouched = state(stock);
        setter.invoke(stock, value(setter, stock));
        assertNotEquals(untouched, state(stock), "the setter changes something");
        SslContextFactory.Server ours = new ResumptionSslContextFactory();
        FactorySettings.copy(stock, ours);
        assertEquals(state(stock), state(ours));
    }

    @Test
    void allSettingsTogetherAreCopied() throws Exception
    {
        SslContextFactory.Server stock = new SslContextFactory.Server();
        for (Method setter : setters().toList())
        {
            setter.invoke(stock, value(setter, stock));
        }
        SslContextFactory.Server ours = new ResumptionSslContextFactory();
        FactorySettings.copy(stock, ours);
        assertEquals(state(stock), state(ours));
        assertEquals("setKeyStorePassword", ours.getKeyStorePassword());
        assertEquals("setKeyManagerPassword", ours.getKeyManagerPassword());
    }

    @Test
    void anUntouchedFactoryStaysAsItIs() throws Exception
    {
        SslContextFactory.Server ours = new ResumptionSslContextFactory();
        Map<String, Object> before = state(ours);
        FactorySettings.copy(new SslContextFactory.Server(), ours);
        assertEquals(before, state(ours));
    }

    @Test
    void whatJettyMayReadIsWhatIsCompared() throws Exception
    {
        Map<String, Object> state = state(new SslContextFactory.Server());
        Set<String> credentials = new TreeSet<>(state.keySet());
        credentials.removeIf(name -> !name.contains("Credential"));
        assertEquals(Set.of("_keyManagerCredential", "_keyStoreCredential", "_trustStoreCredential"), credentials);
        assertTrue(state.size() > 40, () -> state.keySet().toString());
        assertFalse(state.containsKey("_factory"));
    }

    /**
     * The fields of a factory that are settings, in a form that can be compared.
     */
    private static Map<String, Object> state(SslContextFactory.Server factory) throws IllegalAccessException
    {
        Map<String, Object> state = new TreeMap<>();
        for (Class<?> type : List.of(SslContextFactory.class, SslContextFactory.Server.class))
        {
            for (Field field : type.getDeclaredFields())
            {
                // What is left out is of each factory's own: its lock, and what it makes at its start.
                if (Modifier.isStatic(field.getModifiers()) || Modifier.isFinal(field.getModifiers()) && !isContainer(field)
                    || Set.of("_factory", "_sniX509ExtendedKeyManager").contains(field.getName()))
                {
                    continue;
                }
                field.setAccessible(true);
                state.put(field.getName(), comparable(field.get(factory)));
            }
        }
        return state;
    }

    private static boolean isContainer(Field field)
    {
        return Collection.class.isAssignableFrom(field.getType()) || Map.class.isAssignableFrom(field.getType());
    }

    private static Object comparable(Object value)
    {
        if (value instanceof Object[] array)
        {
            return Arrays.asList(array);
        }
        if (value instanceof Password password)
        {
            return "password " + password;
        }
        if (value instanceof Collection<?> collection)
        {
            return new ArrayList<>(collection);
        }
        return Objects.requireNonNullElse(value, "null");
    }

    private static Object value(Method setter, SslContextFactory.Server factory) throws Exception
    {
        Class<?> type = setter.getParameterTypes()[0];
        String name = setter.getName();
        if (type == String.class)
        {
            return name.endsWith("Path") && !name.contains("Crl") ? file(name).toString() : name;
        }
        if (type == Path.class)
        {
            return file(name);
        }
        if (type == boolean.class)
        {
            return !(Boolean)getter(name).invoke(factory);
        }
        if (type == int.class)
        {
            return (Integer)getter(name).invoke(factory) + 7;
        }
        if (type == String[].class)
        {
            return new String[]{name, "another"};
        }
        if (type == KeyStore.class)
        {
            return KeyStore.getInstance("PKCS12");
        }
        if (type == SSLContext.class)
        {
            return SSLContext.getDefault();
        }
        if (type == Resource.class)
        {
            return ResourceFactory.root().newResource(file(name));
        }
        if (type == Comparator.class)
        {
            return Comparator.<String>reverseOrder();
        }
        if (type == HostnameVerifier.class)
        {
            return (HostnameVerifier)(host, session) -> false;
        }
        if (type == SniX509ExtendedKeyManager.SniSelector.class)
        {
            return (SniX509ExtendedKeyManager.SniSelector)(keyType, issuers, session, host, certificates) -> null;
        }
        if (type == PKIXCertPathChecker.class)
        {
            return new Checker();
        }
        throw new AssertionError("a setting of a new type: " + setter);
    }

    private static Path file(String name) throws Exception
    {
        Path file = directory.resolve(name);
        if (!Files.exists(file))
        {
            Files.createFile(file);
        }
        return file;
    }

    private static Method getter(String setter) throws NoSuchMethodException
    {
        String name = setter.substring(3);
        try
        {
            return SslContextFactory.Server.class.getMethod("is" + name);
        }
        catch (NoSuchMethodException e)
        {
            return SslContextFactory.Server.class.getMethod("get" + name);
        }
    }

    /**
     * Checks nothing.
     */
    private static final class Checker extends PKIXCertPathChecker
    {
        @Override
        public void init(boolean forward)
        {
            // Nothing to prepare.
        }

        @Override
        public boolean isForwardCheckingSupported()
        {
            return true;
        }

        @Override
        public Set<String> getSupportedExtensions()
        {
            return Set.of();
        }

        @Override
        public void check(Certificate certificate, Collection<String> unresolvedCriticalExtensions)
        {
            // Whatever it is.
        }
    }
}
