package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.engine.ForwardingTickets;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.jsse.FailingTickets.Failure;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.jsse.Peers.HostKeys;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The attacks of a suite for which one must be inside the JVM: failures of our own code, hostile states under the right key, and
 * clocks. Peers shake hands in memory; everything between them is what a server runs. Each method fails by an assertion, and else
 * tells what was seen.
 */
public final class MemoryAttacks implements AutoCloseable
{
    private static final String HOST = "one.test";
    private static final Duration DURATION = Duration.ofHours(24);
    private static final Duration BUSY = Duration.ofSeconds(10);
    private static final int THREADS = 64;
    private static final int ROTATIONS = 20;

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final HostKeys keys;

    public MemoryAttacks() throws GeneralSecurityException
    {
        StekProvider.acquire();
        keys = new HostKeys(HOST);
    }

    @Override
    public void close()
    {
        executor.shutdownNow();
        StekProvider.release();
    }

    /**
     * The system's clock, moved.
     */
    private final class ShiftedClock extends Clock
    {
        @Override
        public ZoneId getZone()
        {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone)
        {
            return this;
        }

        @Override
        public Instant instant()
        {
            return Instant.now().plus(ahead.get());
        }
    }

    private ConnectorResumption tickets(Supplier<TicketKeyRing> ring)
    {
        return Resumptions.of("scope", new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, DURATION), ring,
            new ShiftedClock(), statistics);
    }

    private static TicketKeyRing ring()
    {
        return KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
    }

    private SSLContext server(TicketProtector protector) throws GeneralSecurityException
    {
        return Peers.server(protector, keys, List.of());
    }

    /**
     * Neither is a key made up where there is none, nor is a ticket under it to be opened when one comes.
     *
     * @param protocol the version of TLS
     * @return what was seen
     */
    public String beforeTheFirstKey(String protocol) throws Exception
    {
        AtomicReference<TicketKeyRing> ring = new AtomicReference<>(TicketKeyRing.empty());
        SSLContext server = server(tickets(ring::get));
        SSLContext client = Peers.client();
        long before = statistics.refusals(RefusalReason.NO_KEY);
        assertFalse(Peers.connect(server, client, protocol, HOST).resumed());
        assertFalse(Peers.connect(server, client, protocol, HOST).resumed());
        ring.set(ring());
        assertFalse(Peers.connect(server, client, protocol, HOST).resumed(), "what was given without a key is opened");
        assertTrue(Peers.connect(server, client, protocol, HOST).resumed());
        return "no-key +" + (statistics.refusals(RefusalReason.NO_KEY) - before);
    }

    /**
     * @param protocol the version of TLS
     * @return what was seen when sealing fails in any manner
     */
    public String sealingFails(String protocol) throws Exception
    {
        ConnectorResumption tickets = tickets(constant(ring()));
        for (Failure failure : Failure.values())
        {
            SSLContext client = Peers.client();
            SSLContext failing = server(new FailingTickets(tickets, failure, null, state -> state));
            SSLContext sound = server(tickets);
            for (int i = 0; i < 3; i++)
            {
                // JSSE's client aborts at an empty ticket of TLS 1.3, as RFC 8446 asks.
                assertFalse(Peers.connect(failing, client, protocol, HOST).resumed(), failure::toString);
            }
            assertFalse(Peers.connect(sound, client, protocol, HOST).resumed(), failure::toString);
            assertTrue(Peers.connect(sound, client, protocol, HOST).resumed(), failure::toString);
        }
        return protocol + ": " + Arrays.toString(Failure.values()) + " while sealing: no connection lost, the next is FULL";
    }

    /**
     * @param protocol the version of TLS
     * @return what was seen when opening fails in any manner
     */
    public String openingFails(String protocol) throws Exception
    {
        ConnectorResumption tickets = tickets(constant(ring()));
        for (Failure failure : Failure.values())
        {
            SSLContext client = Peers.client();
            assertFalse(Peers.connect(server(tickets), client, protocol, HOST).resumed());
            SSLContext failing = server(new FailingTickets(tickets, null, failure, state -> state));
            assertFalse(Peers.connect(failing, client, protocol, HOST).resumed(), failure::toString);
            assertTrue(Peers.connect(server(tickets), client, protocol, HOST).resumed(), failure::toString);
        }
        return protocol + ": " + Arrays.toString(Failure.values()) + " while opening: FULL";
    }

    private static Supplier<TicketKeyRing> constant(TicketKeyRing ring)
    {
        return () -> ring;
    }

    /**
     * States that only a thief of the ticket key can seal.
     *
     * @param protocol the version of TLS
     * @return what was seen
     */
    public String hostileStates(String protocol) throws Exception
    {
        Map<String, UnaryOperator<byte[]>> hostile = new TreeMap<>();
        hostile.put("empty", state -> new byte[0]);
        hostile.put("one byte", state -> new byte[1]);
        hostile.put("no version", state -> new byte[300]);
        hostile.put("unknown version", state -> changed(state, 1, 0x7F));
        hostile.put("other version", state -> changed(state, 1, state[1] ^ 7));
        hostile.put("claims 2 GB of certificates", state -> changed(state, state.length - 1, 0xFF));
        hostile.put("certificates nowhere", state -> changed(state, state.length - 1, 3));
        hostile.put("no gzip after its magic", state -> ByteBuffer.allocate(40).putShort((short)0x1F8B).array());
        Map<String, String> seen = new TreeMap<>();
        for (Map.Entry<String, UnaryOperator<byte[]>> each : hostile.entrySet())
        {
            seen.put(each.getKey(), present(each.getValue(), protocol));
        }
        seen.forEach((what, outcome) -> assertEquals("FULL", outcome, what));
        return protocol + ": " + seen.keySet() + " FULL";
    }

    /**
     * A state that begins as it must and is cut later. Whoever has the key to seal that needs no attack.
     *
     * @param protocol the version of TLS
     * @return what becomes of the connection that offers it, and that the next one is served
     */
    public String cutStates(String protocol) throws Exception
    {
        Set<String> outcomes = ConcurrentHashMap.newKeySet();
        for (int length : List.of(2, 8, 40, 100))
        {
            outcomes.add(present(state -> Arrays.copyOf(Arrays.copyOf(state, length), length + 1), protocol));
        }
        return protocol + ": cut states under the true key: " + outcomes + ", the next client is served";
    }

    private String present(UnaryOperator<byte[]> state, String protocol) throws Exception
    {
        ConnectorResumption tickets = tickets(constant(ring()));
        SSLContext client = Peers.client();
        assertFalse(Peers.connect(server(new FailingTickets(tickets, null, null, state)), client, protocol, HOST).resumed());
        SSLContext server = server(tickets);
        String outcome;
        try
        {
            Connection connection = Peers.connect(server, client, protocol, HOST);
            outcome = connection.resumed() ? "RESUMED" : "FULL";
        }
        catch (SSLException | RuntimeException | Error e)
        {
            outcome = "its connection ends";
        }
        SSLContext next = Peers.client();
        assertFalse(Peers.connect(server, next, protocol, HOST).resumed());
        assertTrue(Peers.connect(server, next, protocol, HOST).resumed());
        return outcome;
    }

    private static byte[] changed(byte[] state, int at, int value)
    {
        byte[] changed = state.clone();
        changed[at] = (byte)value;
        return changed;
    }

    private TicketKeyRingManager manager() throws Exception
    {
        TicketKeyRingManager manager =
            new TicketKeyRingManager(new MemoryTicketKeyStore(), KeyRotation.DEFAULT, new ShiftedClock(), executor);
        manager.start();
        return manager;
    }

    /**
     * The clock jumps, or is another node's.
     *
     * @param protocol the version of TLS
     * @return what was seen
     */
    public String clockFaults(String protocol) throws Exception
    {
        TicketKeyRingManager manager = manager();
        try
        {
            SSLContext server = server(tickets(manager::ring));
            SSLContext client = Peers.client();
            Peers.connect(server, client, protocol, HOST);
            List<TicketKey> before = manager.ring().keys();
            Map<String, Boolean> expected = new TreeMap<>(Map.of("PT1M", true, "PT-1M", true, "PT5M", true, "PT-5M", false, "PT1H", true,
                "PT-1H", false, "PT-8760H", false, "PT23H", true, "PT24H", false));
            for (Map.Entry<String, Boolean> each : expected.entrySet())
            {
                ahead.set(Duration.parse(each.getKey()));
                manager.tick();
                SSLContext copy = Peers.client();
                assertEquals(each.getValue(), jump(server, copy, protocol, Duration.parse(each.getKey()), manager), each.getKey());
                if (ahead.get().isNegative())
                {
                    List<Long> left = manager.ring().keys().stream().map(TicketKey::id).toList();
                    before.forEach(key -> assertTrue(left.contains(key.id()), each.getKey()));
                }
            }
            assertFalse(jump(server, client, protocol, Duration.ofDays(400), manager));
            assertTrue(manager.ring().keys().stream().noneMatch(key -> before.stream().anyMatch(old -> old.id() == key.id())));
            assertTrue(jump(server, client, protocol, Duration.ZERO, manager), "no resumption after the clock came back");
            return protocol + ": " + expected + ", +400 d: FULL, and back: resumed; a jump back deletes no key";
        }
        finally
        {
            ahead.set(Duration.ZERO);
            manager.stop();
        }
    }

    private boolean jump(SSLContext server, SSLContext client, String protocol, Duration to, TicketKeyRingManager manager) throws Exception
    {
        ahead.set(Duration.ZERO);
        manager.tick();
        Peers.connect(server, client, protocol, HOST);
        ahead.set(to);
        manager.tick();
        return Peers.connect(server, client, protocol, HOST).resumed();
    }

    /**
     * Many handshakes while keys are rotated and contexts are made anew, as reloads do.
     *
     * @return what was seen
     */
    public String concurrentRotation() throws Exception
    {
        Set<String> used = ConcurrentHashMap.newKeySet();
        AtomicLong sealed = new AtomicLong();
        AtomicLong reloads = new AtomicLong();
        Tally tally = new Tally(new AtomicLong(), new AtomicLong(), new ConcurrentLinkedQueue<>());
        TicketKeyRingManager manager = manager();
        TicketProtector observing = observing(tickets(manager::ring), ticket ->
        {
            sealed.incrementAndGet();
            // Key id and nonce.
            if (!used.add(HexFormat.of().formatHex(ticket, 1, 33)))
            {
                tally.faults().add("a key and nonce were used twice");
            }
        });
        AtomicReference<SSLContext> server = new AtomicReference<>(server(observing));
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
        try
        {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++)
            {
                String protocol = i % 2 == 0 ? "TLSv1.3" : "TLSv1.2";
                all.add(threads.submit(connecting(server::get, protocol, over::get, tally)));
            }
            long end = System.nanoTime() + BUSY.toNanos();
            while (System.nanoTime() < end || reloads.get() < ROTATIONS)
            {
                manager.rotateNow();
                server.set(server(observing));
                reloads.incrementAndGet();
                Await.within(Duration.ofMillis(50), () -> false);
            }
            over.set(true);
            for (Future<?> one : all)
            {
                one.get();
            }
        }
        finally
        {
            over.set(true);
            threads.shutdownNow();
            manager.stop();
        }
        assertEquals(List.of(), List.copyOf(tally.faults()));
        assertEquals(THREADS, tally.full().get());
        assertEquals(sealed.get(), used.size());
        return "%d threads, %d handshakes, %d rotations with new contexts: %d tickets, no key with a nonce twice, all resumed"
            .formatted(THREADS, tally.full().get() + tally.resumed().get(), reloads.get(), sealed.get());
    }

    private record Tally(AtomicLong resumed, AtomicLong full, Queue<String> faults)
    {
    }

    private static Callable<Void> connecting(Supplier<SSLContext> server, String protocol, BooleanSupplier over, Tally tally)
        throws GeneralSecurityException
    {
        SSLContext client = Peers.client();
        return () ->
        {
            boolean first = true;
            while (!over.getAsBoolean())
            {
                boolean again = Peers.connect(server.get(), client, protocol, HOST).resumed();
                (again ? tally.resumed() : tally.full()).incrementAndGet();
                if (!first && !again)
                {
                    tally.faults().add("a ticket within its window was not resumed");
                }
                first = false;
            }
            return null;
        };
    }

    private static TicketProtector observing(TicketProtector tickets, Consumer<byte[]> sealed)
    {
        return handshake -> new ForwardingTickets(tickets.begin(handshake))
        {
            @Override
            public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
            {
                Optional<byte[]> ticket = super.seal(state, associatedData, stateFormat, origin);
                ticket.ifPresent(sealed);
                return ticket;
            }
        };
    }

    /**
     * An application binds a value to the session that it finds.
     *
     * @param protocol the version of TLS
     * @return what was seen
     */
    public String boundValue(String protocol) throws Exception
    {
        ConnectorResumption tickets = tickets(constant(ring()));
        SSLContext server = server(tickets);
        SSLContext other = server(tickets);
        SSLContext client = Peers.client();
        Connection connection = Peers.connect(server, client, protocol, HOST);
        connection.server().getSession().putValue("of", "an application");
        ByteBuffer out = ByteBuffer.allocate(1 << 15);
        connection.server().wrap(ByteBuffer.allocate(0), out);
        assertTrue(out.position() < 40, "a further ticket was sent");
        Connection elsewhere = Peers.connect(other, client, protocol, HOST);
        assertTrue(elsewhere.resumed());
        assertEquals("ticket", elsewhere.session().mode());
        return protocol + ": a value bound by an application makes no further ticket, other node resumes";
    }

    /**
     * Code of others that uses JCA in the same JVM.
     *
     * @return what was seen
     */
    public String strangers() throws Exception
    {
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        assertNotNull(generator.getProvider());
        generator.init(256);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        assertEquals(16, cipher.getBlockSize());
        assertNotNull(cipher.getProvider());
        cipher.init(Cipher.ENCRYPT_MODE, generator.generateKey());
        assertEquals(16 + 4, cipher.doFinal(new byte[4]).length);
        return "KeyGenerator.getProvider and Cipher.getBlockSize before init work";
    }

    /**
     * New contexts and full handshakes, again and again.
     *
     * @param reloads how many
     * @return what was seen
     */
    public String reloads(int reloads) throws Exception
    {
        ConnectorResumption tickets = tickets(constant(ring()));
        SSLContext client = Peers.client();
        Peers.connect(server(tickets), client, "TLSv1.3", HOST);
        long before = used();
        SSLContext last = null;
        for (int i = 0; i < reloads; i++)
        {
            last = server(tickets);
            assertTrue(Peers.connect(last, client, "TLSv1.3", HOST).resumed());
            ((ResumptionSSLContext)last).renew();
        }
        Field map = last.getServerSessionContext().getClass().getDeclaredField("keyHashMap");
        map.setAccessible(true);
        int held = ((Map<?, ?>)map.get(last.getServerSessionContext())).size();
        assertTrue(held <= 3, held + " keys in SunJSSE");
        long grown = used() - before;
        assertTrue(grown < 24 << 20, grown + " bytes more in the heap");
        return "%d contexts made anew, heap %+d KiB, keys held by SunJSSE %d".formatted(reloads, grown >> 10, held);
    }

    private static long used()
    {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++)
        {
            System.gc();
            least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }
}
