package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.accp.NativeCryptography;
import io.github.tlsresumption.accp.WithNativeCryptography;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StekProviderTest
{
    private static final String GCM = "AES/GCM/NoPadding";

    private final Provider[] before = Security.getProviders();

    @BeforeEach
    void acquire()
    {
        StekProvider.acquire();
    }

    @AfterEach
    void leaveTheProvidersAsTheyWere()
    {
        Security.removeProvider(BouncyCastleProvider.PROVIDER_NAME);
        StekProvider.release();
        assertArrayEquals(before, Security.getProviders());
    }

    private static TicketProtector tickets()
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        Clock clock = Clock.systemUTC();
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, Duration.ofHours(1));
        return Resumptions.of("scope", terms, () -> ring, clock, new ResumptionStatistics());
    }

    private static void assertResumes(SSLContext server) throws Exception
    {
        for (String protocol : List.of("TLSv1.3", "TLSv1.2"))
        {
            SSLContext client = Peers.client();
            assertFalse(Peers.connect(server, client, protocol, "one.test").resumed());
            Peers.Connection second = Peers.connect(server, client, protocol, "one.test");
            assertTrue(second.resumed());
            assertEquals("ticket", second.session().mode());
        }
    }

    private static void assertUsable(SecretKey key, int bits) throws GeneralSecurityException
    {
        assertEquals("AES", key.getAlgorithm());
        assertEquals("RAW", key.getFormat());
        assertEquals(bits / 8, key.getEncoded().length);
        assertEncrypts(key);
    }

    private static void assertEncrypts(SecretKey key) throws GeneralSecurityException
    {
        byte[] text = "a stranger's text".getBytes(StandardCharsets.US_ASCII);
        Cipher cipher = Cipher.getInstance(GCM);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] sealed = cipher.doFinal(text);
        Cipher back = Cipher.getInstance(GCM);
        back.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, cipher.getIV()));
        assertArrayEquals(text, back.doFinal(sealed));
        back.init(Cipher.DECRYPT_MODE, key, cipher.getParameters());
        assertArrayEquals(text, back.doFinal(sealed));
    }

    private static void assertStrangersAreServed() throws GeneralSecurityException
    {
        assertTrue(KeyGenerator.getInstance("AES").generateKey().getEncoded().length >= 16);
        assertEncrypts(KeyGenerator.getInstance("AES").generateKey());
        for (int bits : new int[]{128, 192, 256})
        {
            KeyGenerator sized = KeyGenerator.getInstance("AES");
            sized.init(bits);
            assertUsable(sized.generateKey(), bits);
            KeyGenerator sizedWithRandom = KeyGenerator.getInstance("AES");
            sizedWithRandom.init(bits, new SecureRandom());
            assertUsable(sizedWithRandom.generateKey(), bits);
            KeyGenerator askedFirst = KeyGenerator.getInstance("AES");
            assertNotNull(askedFirst.getProvider());
            askedFirst.init(bits, new SecureRandom());
            assertUsable(askedFirst.generateKey(), bits);
            assertNotEquals(askedFirst.generateKey(), askedFirst.generateKey());
        }
        KeyGenerator random = KeyGenerator.getInstance("AES");
        random.init(new SecureRandom());
        assertEncrypts(random.generateKey());
        assertThrows(InvalidAlgorithmParameterException.class,
            () -> KeyGenerator.getInstance("AES").init(new IvParameterSpec(new byte[16])));

        assertEncrypts(new SecretKeySpec(new byte[16], "AES"));
        assertFalse(Cipher.getInstance(GCM).getProvider() instanceof StekProvider);
        assertEquals(16, Cipher.getInstance(GCM).getBlockSize());
        assertNull(Cipher.getInstance(GCM).getIV());
        Cipher asked = Cipher.getInstance(GCM);
        asked.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"));
        assertEquals(12, asked.getIV().length);
        SecretKey odd = new SecretKeySpec(new byte[5], "AES");
        assertThrows(InvalidKeyException.class, () -> Cipher.getInstance(GCM).init(Cipher.ENCRYPT_MODE, odd));
    }

    @Test
    void strangersGetTheKeysCiphersAndExceptionsThatTheyGotBefore() throws Exception
    {
        assertStrangersAreServed();
        assertNotNull(Cipher.getInstance(GCM).getParameters());
        assertThrows(InvalidParameterException.class, () -> KeyGenerator.getInstance("AES").init(100));
    }

    @Test
    void strangersAreServedAndSessionsResumedWithBouncyCastleInFront() throws Exception
    {
        Security.insertProviderAt(new BouncyCastleProvider(), 1);
        StekProvider.acquire();
        try
        {
            assertStrangersAreServed();
            assertResumes(Peers.server(tickets(), "one.test"));
        }
        finally
        {
            StekProvider.release();
        }
    }

    @Test
    void strangersAreServedAndSessionsResumedWithBouncyCastleInFrontFromTheStart() throws Exception
    {
        StekProvider.release();
        Security.insertProviderAt(new BouncyCastleProvider(), 1);
        StekProvider.acquire();
        assertStrangersAreServed();
        assertResumes(Peers.server(tickets(), "one.test"));
    }

    @Test
    void strangersAreServedAndSessionsResumedWithBouncyCastleAtTheEnd() throws Exception
    {
        Security.addProvider(new BouncyCastleProvider());
        assertStrangersAreServed();
        assertResumes(Peers.server(tickets(), "one.test"));
    }

    @Test
    void strangersAreServedAndSessionsResumedWithNativeCryptography() throws Exception
    {
        NativeCryptography.install();
        try
        {
            assertStrangersAreServed();
            assertResumes(Peers.server(tickets(), "one.test"));
        }
        finally
        {
            WithNativeCryptography.remove();
        }
    }

    @Test
    void aProviderThatComesInFrontLaterIsOvertakenWhenTheTicketKeyIsRenewed() throws Exception
    {
        ResumptionSSLContext server = (ResumptionSSLContext)Peers.server(tickets(), "one.test");
        assertResumes(server);
        Security.insertProviderAt(new BouncyCastleProvider(), 1);
        server.renew();
        assertResumes(server);
        assertStrangersAreServed();
    }

    @Test
    void aContextMadeWithoutTheProvidersSaysSo() throws Exception
    {
        StekProvider.release();
        try
        {
            GeneralSecurityException x = assertThrows(GeneralSecurityException.class, () -> Peers.server(tickets(), "one.test"));
            assertTrue(x.getCause().getMessage().contains("KeyGenerator.AES"), x.getCause()::getMessage);
        }
        finally
        {
            StekProvider.acquire();
        }
    }

    @Test
    void theProvidersStayUntilTheLastWhoNeedsThemHasGone()
    {
        Provider[] installed = Security.getProviders();
        assertEquals(before.length + 2, installed.length);
        StekProvider.acquire();
        StekProvider.acquire();
        assertArrayEquals(installed, Security.getProviders());
        StekProvider.release();
        StekProvider.release();
        assertArrayEquals(installed, Security.getProviders());
    }

    @Test
    void theGeneratorStandsFirstAndTheCipherBehindTheOneThatHasTheSame() throws Exception
    {
        List<Provider> installed = List.of(Security.getProviders());
        assertTrue(installed.get(0) instanceof StekProvider);
        assertNotNull(installed.get(0).getService("KeyGenerator", "AES"));
        assertEquals(1, installed.get(0).getServices().size());
        Provider cipher = installed.get(installed.indexOf(Cipher.getInstance(GCM).getProvider()) + 1);
        assertTrue(cipher instanceof StekProvider);
        assertEquals(1, cipher.getServices().size());
    }

    @Test
    void theCipherIsNotMovedButPutBackWhenItIsGone() throws Exception
    {
        Provider cipher = Security.getProvider("TlsResumptionCipher");
        Security.insertProviderAt(new BouncyCastleProvider(), 1);
        Provider[] withBouncyCastle = Security.getProviders();
        StekProvider.acquire();
        try
        {
            List<Provider> restored = new ArrayList<>(List.of(withBouncyCastle));
            restored.add(0, restored.remove(1));
            assertEquals(restored, List.of(Security.getProviders()));
            Security.removeProvider(cipher.getName());
            StekProvider.restore();
            assertEquals(restored, List.of(Security.getProviders()));
        }
        finally
        {
            StekProvider.release();
        }
    }

    @Test
    void strangersNeverMeetTheCipherThoughTheProviderInFrontOfItGoes() throws Exception
    {
        StekProvider.release();
        Security.insertProviderAt(new BouncyCastleProvider(), 1);
        StekProvider.acquire();
        assertStrangersAreServed();
        Security.removeProvider(BouncyCastleProvider.PROVIDER_NAME);
        assertStrangersAreServed();
        assertResumes(Peers.server(tickets(), "one.test"));
    }

    @Test
    void theCipherStandsLastWhereNobodyElseHasIt() throws Exception
    {
        Provider platforms = Security.getProvider("SunJCE");
        int place = List.of(before).indexOf(platforms) + 1;
        StekProvider.release();
        Security.removeProvider(platforms.getName());
        try
        {
            StekProvider.acquire();
            Provider[] installed = Security.getProviders();
            assertEquals("TlsResumptionCipher", installed[installed.length - 1].getName());
            StekProvider.release();
        }
        finally
        {
            Security.insertProviderAt(platforms, place);
            StekProvider.acquire();
        }
    }

    private static ResumptionSSLContextSpi context() throws GeneralSecurityException
    {
        SSLContext plain = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
        return new ResumptionSSLContextSpi(plain, tickets(), new byte[0], SelfTest.priming(), Set.of(), true);
    }

    @Test
    void onlyOurRandomGetsAHandleWhicheverWayItIsHandedOver() throws Exception
    {
        ContextRandom random = new ContextRandom(new SecureRandom(), context());
        KeyGenerator sized = KeyGenerator.getInstance("AES");
        sized.init(256, random);
        assertTrue(sized.generateKey() instanceof StekHandle);
        KeyGenerator unsized = KeyGenerator.getInstance("AES");
        unsized.init(random);
        assertTrue(unsized.generateKey() instanceof StekHandle);
        unsized.init(256, new SecureRandom());
        assertUsable(unsized.generateKey(), 256);
    }

    @Test
    void theHandleHasNoSecretAndSurvivesItsDestruction() throws Exception
    {
        ResumptionSSLContextSpi context = context();
        StekHandle handle = new StekHandle(context);
        assertNull(handle.getEncoded());
        assertNull(handle.getFormat());
        assertEquals("AES", handle.getAlgorithm());
        handle.destroy();
        assertEquals(context, handle.context());
        assertFalse(handle.isDestroyed());
        assertThrows(NotSerializableException.class, () -> serialize(handle));
        assertTrue(handle.toString().startsWith("StekHandle@"));
    }

    @Test
    void noOtherCipherTakesTheHandle() throws Exception
    {
        StekHandle handle = new StekHandle(context());
        for (String transformation : List.of("AES/CBC/PKCS5Padding", "AES/ECB/NoPadding", "AES"))
        {
            assertThrows(InvalidKeyException.class, () -> Cipher.getInstance(transformation).init(Cipher.ENCRYPT_MODE, handle));
        }
        assertThrows(InvalidKeyException.class, () -> Cipher.getInstance(GCM, "SunJCE").init(Cipher.ENCRYPT_MODE, handle));
    }

    private static void serialize(Object object) throws IOException
    {
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream()))
        {
            out.writeObject(object);
        }
    }

    @Test
    void theRandomOfAContextIsThePlatformsGeneratorAndNotSerializable() throws Exception
    {
        SecureRandom platform = SecureRandom.getInstance("SHA1PRNG");
        platform.setSeed(4711);
        SecureRandom twin = SecureRandom.getInstance("SHA1PRNG");
        twin.setSeed(4711);
        ContextRandom random = new ContextRandom(platform, context());
        assertEquals("SHA1PRNG", random.getAlgorithm());
        byte[] bytes = new byte[40];
        byte[] expected = new byte[40];
        random.nextBytes(bytes);
        twin.nextBytes(expected);
        assertArrayEquals(expected, bytes);
        assertEquals(twin.nextInt(), random.nextInt());
        assertEquals(twin.nextLong(), random.nextLong());
        random.setSeed(5);
        twin.setSeed(5);
        random.setSeed(new byte[]{6});
        twin.setSeed(new byte[]{6});
        assertEquals(twin.nextLong(), random.nextLong());
        assertEquals(20, random.generateSeed(20).length);
        assertNull(random.getParameters());
        assertThrows(UnsupportedOperationException.class, random::reseed);
        assertThrows(NotSerializableException.class, () -> serialize(random));
    }

    @Test
    void theRandomOfAContextHasNoLockOfItsOwn()
    {
        for (Method method : ContextRandom.class.getDeclaredMethods())
        {
            assertFalse(Modifier.isSynchronized(method.getModifiers()), method::toString);
        }
        List<String> ours = Arrays.stream(ContextRandom.class.getDeclaredMethods()).map(StekProviderTest::signature).toList();
        for (Method method : SecureRandom.class.getDeclaredMethods())
        {
            boolean open = !Modifier.isFinal(method.getModifiers()) && !Modifier.isStatic(method.getModifiers())
                && Modifier.isPublic(method.getModifiers()) && !"toString".equals(method.getName());
            assertTrue(!open || ours.contains(signature(method)), () -> method + " is not delegated");
        }
    }

    private static String signature(Method method)
    {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }
}
