package io.github.tlsresumption.accp;

import java.net.URL;
import java.net.URLClassLoader;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;

import io.github.tlsresumption.it.Tools;
import io.github.tlsresumption.jsse.JdkEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class NativeCryptographyTest
{
    private final Provider[] before = Security.getProviders();

    @BeforeEach
    void needsItsLibraries()
    {
        if (!NativeCryptography.install())
        {
            WithNativeCryptography.remove();
            Tools.missing("native cryptography is not for this platform");
        }
        WithNativeCryptography.remove();
    }

    @AfterEach
    void leaveTheProvidersAsTheyWere()
    {
        WithNativeCryptography.remove();
        assertArrayEquals(before, Security.getProviders());
    }

    private static List<String> first(int count)
    {
        return Arrays.stream(Security.getProviders()).limit(count).map(Provider::getName).toList();
    }

    @Test
    void standsInFrontOfTheJdksProvidersAndBehindThoseThatSealTickets()
    {
        assertTrue(NativeCryptography.install());
        assertEquals(List.of(WithNativeCryptography.X25519, WithNativeCryptography.CORRETTO, before[0].getName()), first(3));
        new JdkEngine().acquire();
        try
        {
            assertEquals(List.of("TlsResumptionKey", WithNativeCryptography.X25519, WithNativeCryptography.CORRETTO), first(3));
        }
        finally
        {
            new JdkEngine().release();
        }
    }

    @Test
    void doesNotComeInFrontOfTheProvidersThatSealTicketsWhenTheyAreThereAlready()
    {
        new JdkEngine().acquire();
        try
        {
            assertTrue(NativeCryptography.install());
            assertTrue(NativeCryptography.install());
            assertEquals(List.of("TlsResumptionKey", WithNativeCryptography.X25519, WithNativeCryptography.CORRETTO), first(3));
            assertEquals(before.length + 4, Security.getProviders().length);
        }
        finally
        {
            new JdkEngine().release();
        }
    }

    @Test
    void whatCannotBeHadIsToldAndTheRestInstalled()
    {
        List<String> obstacles = NativeCryptography.install(List.of(
            () ->
            {
                throw new NoClassDefFoundError("com/amazon/corretto/crypto/provider/AmazonCorrettoCryptoProvider");
            },
            () ->
            {
                throw new IllegalStateException("the library is not loaded");
            },
            new NativeCryptography.X25519(),
            () ->
            {
                throw new UnsatisfiedLinkError("no conscrypt");
            }));

        assertEquals(3, obstacles.size());
        assertTrue(obstacles.get(0).contains("AmazonCorrettoCryptoProvider"), obstacles::toString);
        assertTrue(obstacles.get(1).contains("the library is not loaded"), obstacles::toString);
        assertTrue(obstacles.get(2).contains("no conscrypt"), obstacles::toString);
        assertEquals(List.of(WithNativeCryptography.X25519, before[0].getName()), first(2));
    }

    @Test
    void missingJarsCostNothing() throws Exception
    {
        URL[] withoutThem = {location(NativeCryptography.class), location(LoggerFactory.class)};
        try (URLClassLoader loader = new URLClassLoader(withoutThem, ClassLoader.getPlatformClassLoader()))
        {
            Class<?> alone = loader.loadClass(NativeCryptography.class.getName());
            assertEquals(false, alone.getMethod("install").invoke(null));
        }
        assertArrayEquals(before, Security.getProviders());
    }

    private static URL location(Class<?> type)
    {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
