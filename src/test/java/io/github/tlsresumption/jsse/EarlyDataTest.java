package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a client sends along with another server's ticket is left out, and its handshake goes on.
 */
class EarlyDataTest
{
    private static final String HOST = "one.test";
    private static final int X25519 = 29;
    private static final int P256 = 23;
    /** The beginning of the random bytes by which a ServerHello is a HelloRetryRequest. */
    private static final byte[] RETRY = {(byte)0xCF, 0x21, (byte)0xAD, 0x74};
    private static final int RANDOM = 5 + 4 + 2;

    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private final ByteBuffer ignored = ByteBuffer.allocate(1 << 15);
    private SSLContext server;

    @BeforeAll
    static void acquire()
    {
        StekProvider.acquire();
    }

    @AfterAll
    static void release()
    {
        StekProvider.release();
    }

    @BeforeEach
    void start() throws Exception
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, Duration.ofHours(1));
        server = Peers.server(Resumptions.of("scope", terms, () -> ring, Clock.systemUTC(), statistics), HOST);
    }

    private static byte[] hello(boolean earlyData, int... groups)
    {
        byte[] share = new byte[32];
        share[0] = 9;
        byte[] offered = Hellos.join(Arrays.stream(groups).mapToObj(group -> Hellos.number(group, 2)).toArray(byte[][]::new));
        return Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(new byte[32], Hellos.serverName(HOST),
            Hellos.extension(10, Hellos.vector(2, offered)), Hellos.extension(13, Hellos.vector(2, Hellos.number(0x0403, 2))),
            Hellos.extension(Hellos.SUPPORTED_VERSIONS, Hellos.vector(1, Hellos.number(0x0304, 2))),
            Hellos.extension(45, Hellos.vector(1, new byte[]{1})),
            Hellos.extension(51, Hellos.vector(2, Hellos.number(X25519, 2), Hellos.vector(2, share))),
            earlyData ? Hellos.extension(42, new byte[0]) : new byte[0],
            Hellos.preSharedKeys(List.of(new byte[200]))));
    }

    private SSLEngine answering(byte[] hello) throws SSLException
    {
        SSLEngine engine = server.createSSLEngine("192.0.2.1", 49152);
        engine.setUseClientMode(false);
        Peers.takeEveryName(engine);
        engine.beginHandshake();
        assertEquals(hello.length, engine.unwrap(ByteBuffer.wrap(hello), ignored).bytesConsumed());
        engine.getDelegatedTask().run();
        return engine;
    }

    private static boolean asksAgain(SSLEngine engine) throws SSLException
    {
        ByteBuffer out = ByteBuffer.allocate(1 << 15);
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.equals(RETRY, 0, RETRY.length, out.array(), RANDOM, RANDOM + RETRY.length);
    }

    @Test
    void earlyDataAreLeftOutInPiecesToo() throws Exception
    {
        SSLEngine engine = answering(hello(true, X25519, P256));
        assertTrue(asksAgain(engine));
        byte[] record = Hellos.record(23, new byte[500]);
        for (int part : new int[]{1, 4, 5, record.length - 1})
        {
            ByteBuffer begun = ByteBuffer.wrap(record, 0, part);
            SSLEngineResult result = engine.unwrap(begun, ignored);
            assertEquals(Status.BUFFER_UNDERFLOW, result.getStatus());
            assertEquals(0, result.bytesConsumed());
            assertEquals(0, begun.position());
        }
        ByteBuffer two = ByteBuffer.wrap(Hellos.join(record, record));
        SSLEngineResult result = engine.unwrap(two, ignored);
        assertEquals(Status.OK, result.getStatus());
        assertEquals(2 * record.length, result.bytesConsumed());
        assertEquals(0, result.bytesProduced());
        assertEquals(HandshakeStatus.NEED_UNWRAP, engine.getHandshakeStatus());
        assertEquals(0, statistics.refusals(RefusalReason.EARLY_DATA));

        byte[] second = hello(false, X25519, P256);
        assertEquals(second.length, engine.unwrap(ByteBuffer.wrap(second), ignored).bytesConsumed());
        engine.getDelegatedTask().run();
        assertFalse(asksAgain(engine), "a ServerHello follows");
        assertThrows(SSLException.class, () -> engine.unwrap(ByteBuffer.wrap(record), ignored), "no early data any more");
    }

    @Test
    void moreThanAnyServerAllowsEndsTheConnection() throws Exception
    {
        SSLEngine engine = answering(hello(true, X25519, P256));
        assertTrue(asksAgain(engine));
        byte[] record = Hellos.record(23, new byte[1 << 14]);
        int records = (1 << 17) / record.length;
        for (int i = 0; i < records; i++)
        {
            assertEquals(record.length, engine.unwrap(ByteBuffer.wrap(record), ignored).bytesConsumed());
        }
        assertThrows(SSLException.class, () -> engine.unwrap(ByteBuffer.wrap(record), ignored));
        assertEquals(1, statistics.refusals(RefusalReason.EARLY_DATA));
    }

    @Test
    void withoutEarlyDataNobodyIsAskedAgain() throws Exception
    {
        assertFalse(asksAgain(answering(hello(false, X25519, P256))));
    }

    @Test
    void whereThereIsNoOtherGroupItIsCountedAndTheHandshakeIsAsItWas() throws Exception
    {
        SSLEngine one = answering(hello(true, X25519));
        SSLEngine other = answering(hello(true, X25519, 0x7A7A));
        assertFalse(asksAgain(one));
        assertFalse(asksAgain(other), "a group that the JDK does not know");
        assertEquals(0, statistics.refusals(RefusalReason.EARLY_DATA), "announced is not sent");
        byte[] record = Hellos.record(23, new byte[500]);
        assertThrows(SSLException.class, () -> one.unwrap(ByteBuffer.wrap(record), ignored));
        assertThrows(SSLException.class, () -> other.unwrap(ByteBuffer.wrap(record), ignored));
        assertEquals(2, statistics.refusals(RefusalReason.EARLY_DATA));
    }

    /**
     * The change is that handshake's alone.
     */
    @Test
    void theNextConnectionIsNotAskedAgain() throws Exception
    {
        assertTrue(asksAgain(answering(hello(true, X25519, P256))));
        assertFalse(asksAgain(answering(hello(false, X25519))));
    }
}
