package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.jsse.HandshakeObserver.Decision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HandshakeObserverTest
{
    private static final byte[] NO_ID = {};
    private static final byte[] ID = {1, 2, 3, 4};
    private static final byte[] TICKET = "a ticket of a client".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OTHER = "another one".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RANDOM = new byte[32];
    private static final byte[] GREASED = Hellos.extension(Hellos.GREASE, new byte[]{7, 7});
    private static final byte[] HELLO = Hellos.clientHello(ID, Hellos.extension(Hellos.GREASE, NO_ID), Hellos.serverName("One.Test"),
        GREASED, Hellos.extension(Hellos.SESSION_TICKET, TICKET), Hellos.preSharedKeys(List.of(TICKET, OTHER)));

    private static void assertSeen(HandshakeObserver observer)
    {
        assertTrue(observer.readable());
        assertEquals("one.test", observer.hello().serverName());
        assertArrayEquals(ID, observer.hello().sessionId());
        assertTrue(observer.hello().hasTicketExtension());
        assertEquals(3, observer.hello().tickets().size());
        assertArrayEquals(TICKET, observer.hello().tickets().get(0));
        assertArrayEquals(TICKET, observer.hello().tickets().get(1));
        assertArrayEquals(OTHER, observer.hello().tickets().get(2));
        assertEquals(Decision.NONE, observer.decision());
    }

    @ParameterizedTest
    @ValueSource(strings = {"one.test", "ONE.Test", "\uff4f\uff4e\uff45.test", "one\u3002test", "\uff2fne\uff61\uff34est"})
    void everySpellingOfAHostIsReadAsSunJsseReadsIt(String spelling)
    {
        HandshakeObserver observer = Hellos.observing(Hellos.records(Hellos.clientHello(NO_ID, Hellos.serverName(
            spelling.getBytes(StandardCharsets.UTF_8))), 1 << 14));
        assertTrue(observer.readable());
        assertEquals("one.test", observer.hello().serverName());
    }

    /**
     * SunJSSE ends such a handshake with an alert.
     */
    @ParameterizedTest
    @ValueSource(strings = {"one.test.", "one.test\u3002", "one..test", "one_test"})
    void aHostThatSunJsseRefusesIsNotRead(String spelling)
    {
        assertTrue(Hellos.observing(Hellos.records(Hellos.clientHello(NO_ID, Hellos.serverName(
            spelling.getBytes(StandardCharsets.UTF_8))), 1 << 14)).unreadable());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 64, 1 << 14})
    void aClientHelloIsReadOutOfRecordsOfAnySize(int size)
    {
        assertSeen(Hellos.observing(Hellos.records(HELLO, size)));
    }

    @Test
    void aClientHelloIsReadableOnlyWithItsLastRecord()
    {
        HandshakeObserver observer = new HandshakeObserver();
        byte[] records = Hellos.records(HELLO, 10);
        for (int at = 0; at < records.length; at += 15)
        {
            assertFalse(observer.readable());
            observer.received(ByteBuffer.wrap(records, at, Math.min(15, records.length - at)));
        }
        assertSeen(observer);
    }

    @Test
    void positionAndLimitAreLeftAsTheyAre()
    {
        ByteBuffer records = ByteBuffer.wrap(Hellos.join(new byte[3], Hellos.records(HELLO, 100), new byte[9]));
        records.position(3).limit(records.capacity() - 9);
        ByteBuffer before = records.duplicate();
        HandshakeObserver observer = new HandshakeObserver();
        observer.received(records);
        observer.sent(records);
        assertEquals(before, records);
        assertEquals(before.position(), records.position());
        assertSeen(observer);
    }

    @Test
    void aClientHelloWithoutExtensionsHasNothingToSay()
    {
        for (byte[][] extensions : new byte[][][]{null, {}})
        {
            HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(NO_ID, extensions)));
            assertTrue(observer.readable());
            assertNull(observer.hello().serverName());
            assertEquals(0, observer.hello().sessionId().length);
            assertFalse(observer.hello().hasTicketExtension());
            assertEquals(List.of(), observer.hello().tickets());
        }
    }

    @Test
    void anEmptyTicketExtensionIsSupportWithoutATicket()
    {
        HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE,
            Hellos.clientHello(NO_ID, Hellos.extension(Hellos.SESSION_TICKET, NO_ID))));
        assertTrue(observer.readable());
        assertTrue(observer.hello().hasTicketExtension());
        assertEquals(List.of(), observer.hello().tickets());
    }

    @Test
    void extendedMasterSecretIsTold()
    {
        for (boolean sent : new boolean[]{true, false})
        {
            byte[] extension = Hellos.extension(sent ? 23 : 24, NO_ID);
            HandshakeObserver observer =
                Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(NO_ID, extension)));
            assertTrue(observer.readable());
            assertEquals(sent, observer.hello().hasExtendedMasterSecret());
        }
    }

    @Test
    void hundredsOfIdentitiesAreRead()
    {
        List<byte[]> identities = IntStream.range(0, 350).mapToObj(i -> new byte[32]).toList();
        HandshakeObserver observer = Hellos.observing(Hellos.records(
            Hellos.clientHello(NO_ID, Hellos.preSharedKeys(identities)), 1 << 14));
        assertEquals(350, observer.hello().tickets().size());
    }

    private static HandshakeObserver retried(byte[] secondHello)
    {
        HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE,
            Hellos.clientHello(ID, Hellos.serverName("one.test"), Hellos.preSharedKeys(List.of(TICKET)))));
        observer.sent(ByteBuffer.wrap(Hellos.join(
            Hellos.record(Hellos.HANDSHAKE, Hellos.serverHello(retryRandom(), Hellos.tls13())),
            Hellos.record(Hellos.CHANGE_CIPHER_SPEC, new byte[]{1}))));
        assertEquals(Decision.NONE, observer.decision());
        observer.received(ByteBuffer.wrap(Hellos.join(
            Hellos.record(Hellos.CHANGE_CIPHER_SPEC, new byte[]{1}), Hellos.records(secondHello, 50))));
        return observer;
    }

    private static byte[] retryRandom()
    {
        try
        {
            return MessageDigest.getInstance("SHA-256").digest("HelloRetryRequest".getBytes(StandardCharsets.US_ASCII));
        }
        catch (NoSuchAlgorithmException e)
        {
            throw new AssertionError(e);
        }
    }

    @Test
    void afterAHelloRetryRequestTheSecondHelloTakesThePlaceOfTheFirst()
    {
        HandshakeObserver observer = retried(Hellos.clientHello(ID, Hellos.serverName("one.test"), Hellos.preSharedKeys(List.of(OTHER))));
        assertTrue(observer.readable());
        assertEquals(1, observer.hello().tickets().size());
        assertArrayEquals(OTHER, observer.hello().tickets().get(0));
        observer.sent(ByteBuffer.wrap(Hellos.record(Hellos.HANDSHAKE,
            Hellos.serverHello(RANDOM, Hellos.tls13(), Hellos.selectedPreSharedKey()))));
        assertEquals(Decision.RESUMED, observer.decision());
    }

    @Test
    void aSecondHelloForAnotherHostIsUnreadable()
    {
        // RFC 8446 section 4.1.2 lets a client change little in it, and never the host.
        assertFalse(retried(Hellos.clientHello(ID, Hellos.serverName("two.test"), Hellos.preSharedKeys(List.of(TICKET)))).readable());
        assertFalse(retried(Hellos.clientHello(ID, Hellos.preSharedKeys(List.of(TICKET)))).readable());
    }

    @Test
    void aClientHelloWithSomethingBehindItInItsRecordIsUnreadable()
    {
        // What is behind it would be the start of the engine's next message, and not of ours.
        assertFalse(Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Hellos.join(HELLO, new byte[1]))).readable());
        assertFalse(Hellos.observing(Hellos.records(Hellos.join(HELLO, HELLO), 1 << 14)).readable());
    }

    @ParameterizedTest
    @CsvSource({"20,true", "21,true", "23,false", "24,false", "128,false"})
    void onlyHandshakeChangeCipherSpecAndAlertComeBeforeTheDecision(int type, boolean readable)
    {
        HandshakeObserver observer = Hellos.observing(Hellos.join(
            Hellos.record(Hellos.HANDSHAKE, HELLO), Hellos.record(type, new byte[]{1})));
        assertEquals(readable, observer.readable());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 11, 16, 255})
    void anotherMessageThanAClientHelloIsUnreadable(int type)
    {
        assertFalse(Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Hellos.message(type, new byte[100]))).readable());
    }

    @Test
    void aHelloBeyondWhatAnEngineTakesIsUnreadable()
    {
        byte[] huge = Hellos.clientHello(NO_ID, Hellos.extension(Hellos.GREASE, new byte[65_000]), new byte[0]);
        byte[] claimed = Arrays.copyOf(huge, 80_000);
        claimed[1] = 2;
        HandshakeObserver observer = Hellos.observing(Hellos.records(claimed, 1 << 14));
        assertFalse(observer.readable());
    }

    @ParameterizedTest
    @CsvSource({"false,FULL", "true,RESUMED"})
    void inTls13ThePreSharedKeyIsTheDecision(boolean preSharedKey, Decision decision)
    {
        HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE, HELLO));
        byte[] hello = preSharedKey ? Hellos.serverHello(RANDOM, Hellos.selectedPreSharedKey(), Hellos.tls13())
            : Hellos.serverHello(RANDOM, Hellos.tls13(), GREASED);
        observer.sent(ByteBuffer.wrap(Hellos.record(Hellos.HANDSHAKE, hello)));
        assertEquals(decision, observer.decision());
    }

    private static HandshakeObserver tls12(byte[] next)
    {
        HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE, HELLO));
        observer.sent(ByteBuffer.wrap(Hellos.record(Hellos.HANDSHAKE, Hellos.serverHello(RANDOM, GREASED))));
        assertEquals(Decision.PENDING, observer.decision());
        observer.sent(ByteBuffer.wrap(next));
        assertTrue(observer.readable());
        return observer;
    }

    @Test
    void inTls12WhatFollowsTheServerHelloIsTheDecision()
    {
        byte[] finished = new byte[40];
        assertEquals(Decision.FULL, tls12(Hellos.record(Hellos.HANDSHAKE, Hellos.message(11, new byte[300]))).decision());
        assertEquals(Decision.FULL, tls12(Hellos.record(Hellos.HANDSHAKE, Hellos.message(12, new byte[300]))).decision());
        assertEquals(Decision.RESUMED, tls12(Hellos.join(Hellos.record(Hellos.HANDSHAKE, Hellos.message(4, new byte[300])),
            Hellos.record(Hellos.CHANGE_CIPHER_SPEC, new byte[]{1}), Hellos.record(Hellos.HANDSHAKE, finished))).decision());
        assertEquals(Decision.RESUMED, tls12(Hellos.join(Hellos.record(Hellos.CHANGE_CIPHER_SPEC, new byte[]{1}),
            Hellos.record(Hellos.HANDSHAKE, finished))).decision());
    }

    @Test
    void inTls12ServerHelloAndWhatFollowsMayShareARecord()
    {
        byte[] hello = Hellos.serverHello(RANDOM, (byte[][])null);
        for (int message : new int[]{4, 11})
        {
            HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE, HELLO));
            byte[] long12 = Hellos.join(hello, Hellos.message(message, new byte[3000]));
            observer.sent(ByteBuffer.wrap(Hellos.records(long12, 512)));
            assertEquals(message == 4 ? Decision.RESUMED : Decision.FULL, observer.decision());
        }
    }

    @Test
    void aDecisionIsForGood()
    {
        HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE, HELLO));
        observer.sent(ByteBuffer.wrap(Hellos.record(Hellos.HANDSHAKE, Hellos.serverHello(RANDOM, Hellos.tls13()))));
        observer.sent(ByteBuffer.wrap(Hellos.record(Hellos.HANDSHAKE,
            Hellos.serverHello(RANDOM, Hellos.tls13(), Hellos.selectedPreSharedKey()))));
        assertEquals(Decision.FULL, observer.decision());
        observer.received(ByteBuffer.wrap(Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(NO_ID, Hellos.serverName("two.test")))));
        assertEquals("one.test", observer.hello().serverName());
        observer.trim();
        assertEquals(List.of(), observer.hello().tickets());
        assertEquals("one.test", observer.hello().serverName());
    }

    @Test
    void aTruncatedHelloIsNeverReadable()
    {
        byte[] whole = Hellos.record(Hellos.HANDSHAKE, HELLO);
        for (int length = 0; length < whole.length; length++)
        {
            assertFalse(Hellos.observing(Arrays.copyOf(whole, length)).readable(), "the first " + length + " bytes");
        }
        // Records that are whole and a message that is not.
        for (int length = 1; length < HELLO.length; length++)
        {
            assertFalse(Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Arrays.copyOf(HELLO, length))).readable());
        }
    }

    @Test
    void lengthsThatDoNotFitAreUnreadable()
    {
        byte[] extension = Hellos.extension(Hellos.SERVER_NAME, new byte[]{0, 50, 0, 0, 1, 'a'});
        assertFalse(Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(NO_ID, extension))).readable());
        byte[] longName = Hellos.serverName("a".repeat(256));
        assertFalse(Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(NO_ID, longName))).readable());
        // The session id's length stands behind header, version and random.
        byte[] sessionId = Hellos.clientHello(NO_ID, (byte[][])null);
        sessionId[4 + 2 + 32] = (byte)0xFF;
        assertFalse(Hellos.observing(Hellos.record(Hellos.HANDSHAKE, sessionId)).readable());
        assertFalse(Hellos.observing(Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(NO_ID, new byte[]{0}))).readable());
    }

    @Test
    void identitiesThatDoNotFitAreNone()
    {
        // In TLS 1.2 nobody else reads them, and so they must not hide the rest.
        byte[] identities = Hellos.extension(Hellos.PRE_SHARED_KEY, new byte[]{0, 3, 0, 9, 1});
        HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE,
            Hellos.clientHello(ID, Hellos.serverName("one.test"), identities)));
        assertTrue(observer.readable());
        assertEquals("one.test", observer.hello().serverName());
        assertEquals(List.of(), observer.hello().tickets());
    }

    @Test
    void theSessionIdOfAnUnreadableHelloIsKnown()
    {
        HandshakeObserver observer = Hellos.observing(Hellos.record(Hellos.HANDSHAKE,
            Hellos.join(Hellos.clientHello(ID, Hellos.serverName("one.test")), new byte[1])));
        assertTrue(observer.unreadable());
        assertArrayEquals(ID, observer.hello().sessionId());
    }

    @Test
    void noBytesMakeItThrow()
    {
        byte[] hello = Hellos.records(HELLO, 60);
        byte[] answer = Hellos.join(Hellos.record(Hellos.HANDSHAKE, Hellos.serverHello(RANDOM, GREASED)),
            Hellos.record(Hellos.HANDSHAKE, Hellos.message(4, new byte[300])));
        Trials.run(3_000, random ->
        {
            HandshakeObserver observer = new HandshakeObserver();
            for (int i = 0; i < 3; i++)
            {
                observer.received(ByteBuffer.wrap(mutation(random, hello)));
                observer.sent(ByteBuffer.wrap(mutation(random, answer)));
            }
            observer.trim();
        });
    }

    private static byte[] mutation(Random random, byte[] records)
    {
        return switch (random.nextInt(4))
        {
            case 0 -> Trials.bytes(random, random.nextInt(300));
            case 1 -> Arrays.copyOf(records, random.nextInt(records.length));
            case 2 -> records;
            default ->
            {
                byte[] flipped = records.clone();
                for (int i = random.nextInt(4); i >= 0; i--)
                {
                    flipped[random.nextInt(flipped.length)] ^= (byte)(1 << random.nextInt(8));
                }
                yield flipped;
            }
        };
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"TLSv1.3,One.Test", "TLSv1.3,-", "TLSv1.2,one.test", "TLSv1.2,-"})
    void theHelloOfAJsseClientIsRead(String protocol, String host) throws Exception
    {
        SSLContext client = Peers.client();
        SSLEngine engine = client.createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[]{protocol});
        if (host != null)
        {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        engine.setSSLParameters(parameters);
        engine.beginHandshake();
        ByteBuffer out = ByteBuffer.allocate(1 << 15);
        engine.wrap(ByteBuffer.allocate(0), out);
        HandshakeObserver observer = new HandshakeObserver();
        observer.received(out.flip());
        assertTrue(observer.readable());
        assertEquals(host == null ? null : "one.test", observer.hello().serverName());
        assertEquals("TLSv1.2".equals(protocol), observer.hello().hasTicketExtension());
        assertEquals(List.of(), observer.hello().tickets());
    }
}
