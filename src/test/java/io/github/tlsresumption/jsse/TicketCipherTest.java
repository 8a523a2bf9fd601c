package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.ForwardingTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.StableId;
import io.github.tlsresumption.ticket.Ticket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The cipher through the JDK's API, in the middle of a handshake, by every way to hand bytes over:
 * releases of the JDK differ in which they take.
 */
class TicketCipherTest
{
    private static final String GCM = "AES/GCM/NoPadding";
    /** As a state of TLS 1.2 begins. */
    private static final byte[] STATE = "\3\3 the state of a session".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TICKET = "a ticket, which is longer than the state sealed in it".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AAD = {9, 8, 7};
    private static final byte[] IV = "sixteen bytes IV".getBytes(StandardCharsets.US_ASCII);

    private final Recorder recorder = new Recorder();
    private StekHandle handle;
    private ResumptionSSLContextSpi context;
    private EngineHandshake previous;

    @BeforeEach
    void beginAHandshake() throws GeneralSecurityException
    {
        StekProvider.acquire();
        SSLContext delegate = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
        context = new ResumptionSSLContextSpi(delegate, recorder, new byte[0], SelfTest.priming(), Set.of(), true);
        context.engineInit(new KeyManager[]{new Peers.HostKeys("one.test")}, null, null);
        recorder.forget();
        handle = new StekHandle(context);
        EngineHandshake handshake = new EngineHandshake(context, new ResumptionSSLEngine(context, delegate.createSSLEngine()));
        handshake.received(ByteBuffer.wrap(Hellos.record(Hellos.HANDSHAKE,
            Hellos.clientHello(new byte[0], Hellos.extension(Hellos.SESSION_TICKET, Hellos.join(new byte[4], IV, TICKET))))));
        previous = handshake.enter();
    }

    @AfterEach
    void endIt()
    {
        EngineHandshake.leave(previous);
        StekProvider.release();
    }

    private Cipher cipher(int mode) throws GeneralSecurityException
    {
        Cipher cipher = Cipher.getInstance(GCM);
        cipher.init(mode, handle, new GCMParameterSpec(128, IV));
        return cipher;
    }

    /**
     * The ways to hand bytes over and to get the result.
     */
    enum Way
    {
        ALL_AT_ONCE
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(AAD);
                return cipher.doFinal(input);
            }
        },
        A_PART_OF_AN_ARRAY
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(Hellos.join(new byte[2], AAD, new byte[3]), 2, AAD.length);
                return cipher.doFinal(Hellos.join(new byte[5], input, new byte[7]), 5, input.length);
            }
        },
        INTO_AN_ARRAY
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(ByteBuffer.wrap(AAD));
                byte[] output = new byte[200];
                return Arrays.copyOf(output, cipher.doFinal(input, 0, input.length, output));
            }
        },
        INTO_THE_MIDDLE_OF_AN_ARRAY
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(AAD);
                byte[] output = new byte[200];
                int length = cipher.doFinal(input, 0, input.length, output, 11);
                return Arrays.copyOfRange(output, 11, 11 + length);
            }
        },
        IN_PIECES
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(AAD, 0, 1);
                cipher.updateAAD(ByteBuffer.wrap(AAD, 1, 2));
                byte[] nothing = cipher.update(input, 0, 3);
                assertTrue(nothing == null || nothing.length == 0);
                assertEquals(0, cipher.update(input, 3, 4, new byte[200]));
                assertEquals(0, cipher.update(ByteBuffer.wrap(input, 7, 2), ByteBuffer.allocate(200)));
                return cipher.doFinal(input, 9, input.length - 9);
            }
        },
        IN_PIECES_WITH_NOTHING_LEFT
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(AAD);
                cipher.update(input);
                return cipher.doFinal();
            }
        },
        IN_PIECES_INTO_AN_ARRAY
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(AAD);
                cipher.update(input, 0, input.length, new byte[200], 3);
                byte[] output = new byte[200];
                return Arrays.copyOf(output, cipher.doFinal(output, 0));
            }
        },
        BUFFERS
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(ByteBuffer.wrap(AAD));
                ByteBuffer in = ByteBuffer.wrap(Hellos.join(new byte[4], input)).position(4);
                ByteBuffer out = ByteBuffer.allocate(200).position(6);
                int length = cipher.doFinal(in, out);
                assertFalse(in.hasRemaining());
                assertEquals(6 + length, out.position());
                return Arrays.copyOfRange(out.array(), 6, 6 + length);
            }
        },
        DIRECT_AND_READ_ONLY_BUFFERS
        {
            @Override
            byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException
            {
                cipher.updateAAD(ByteBuffer.wrap(AAD).asReadOnlyBuffer());
                ByteBuffer in = ByteBuffer.allocateDirect(input.length).put(input).flip().asReadOnlyBuffer();
                ByteBuffer out = ByteBuffer.allocateDirect(200);
                byte[] result = new byte[cipher.doFinal(in, out)];
                out.flip().get(result);
                return result;
            }
        };

        abstract byte[] run(Cipher cipher, byte[] input) throws GeneralSecurityException;
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void sealingGivesTheWholeStateAndTakesTheTicket(Way way) throws Exception
    {
        assertArrayEquals(TICKET, way.run(cipher(Cipher.ENCRYPT_MODE), STATE));
        assertArrayEquals(Arrays.copyOf(STATE, STATE.length + 1), recorder.sealed.get(0));
        assertArrayEquals(recorder.associatedData.get(0), Hellos.join(new byte[]{(byte)IV.length}, IV, new byte[]{0}, AAD));
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void openingGivesTheWholeTicketAndTakesTheState(Way way) throws Exception
    {
        assertArrayEquals(STATE, way.run(cipher(Cipher.DECRYPT_MODE), TICKET));
        assertArrayEquals(TICKET, recorder.opened.get(0));
        assertArrayEquals(recorder.associatedData.get(0), Hellos.join(new byte[]{(byte)IV.length}, IV, new byte[]{0}, AAD));
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aRefusalToOpenIsAWrongTag(Way way) throws Exception
    {
        recorder.refusing = true;
        assertThrows(AEADBadTagException.class, () -> way.run(cipher(Cipher.DECRYPT_MODE), TICKET));
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void outsideOfAHandshakeNothingIsOpenedAndOnlyDecoysAreSealed(Way way) throws Exception
    {
        EngineHandshake.leave(null);
        assertThrows(AEADBadTagException.class, () -> way.run(cipher(Cipher.DECRYPT_MODE), TICKET));
        byte[] decoy = cipher(Cipher.ENCRYPT_MODE).doFinal(STATE);
        assertEquals(Ticket.OVERHEAD_BYTES + STATE.length, decoy.length);
        assertEquals(List.of(), recorder.sealed);
        assertEquals(List.of(), recorder.opened);
    }

    @Test
    void inAHandshakeOfAnotherContextNothingIsOpened() throws Exception
    {
        SSLContext delegate = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
        ResumptionSSLContextSpi other = new ResumptionSSLContextSpi(delegate, recorder, new byte[0], SelfTest.priming(), Set.of(), true);
        Cipher cipher = Cipher.getInstance(GCM);
        cipher.init(Cipher.DECRYPT_MODE, new StekHandle(other), new GCMParameterSpec(128, IV));
        assertThrows(AEADBadTagException.class, () -> cipher.doFinal(TICKET));
    }

    @Test
    void aCipherCanBeUsedAgain() throws Exception
    {
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE);
        for (int i = 0; i < 3; i++)
        {
            cipher.init(Cipher.ENCRYPT_MODE, handle, new GCMParameterSpec(128, IV));
            assertArrayEquals(TICKET, Way.ALL_AT_ONCE.run(cipher, STATE));
        }
        cipher.init(Cipher.DECRYPT_MODE, handle, new GCMParameterSpec(128, IV));
        assertArrayEquals(STATE, Way.ALL_AT_ONCE.run(cipher, TICKET));
        for (int i = 1; i < 4; i++)
        {
            assertArrayEquals(recorder.associatedData.get(0), recorder.associatedData.get(i));
        }
    }

    @Test
    void aTicketForWhichThereIsNoRoomIsSaidToHaveNone() throws Exception
    {
        assertThrows(ShortBufferException.class,
            () -> cipher(Cipher.ENCRYPT_MODE).doFinal(ByteBuffer.wrap(STATE), ByteBuffer.allocate(10)));
        assertThrows(ShortBufferException.class,
            () -> cipher(Cipher.ENCRYPT_MODE).doFinal(STATE, 0, STATE.length, new byte[TICKET.length], 1));
        // Opening, it is a ticket that was never ours.
        assertThrows(GeneralSecurityException.class,
            () -> cipher(Cipher.DECRYPT_MODE).doFinal(ByteBuffer.wrap(TICKET), ByteBuffer.allocate(10)));
    }

    @Test
    void stateThatDoesNotBeginAsSunJssesIsNotSealed() throws Exception
    {
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE);
        assertThrows(TicketCipher.NoTicket.class, () -> cipher.doFinal("no state".getBytes(StandardCharsets.US_ASCII)));
        assertThrows(TicketCipher.NoTicket.class, () -> cipher(Cipher.ENCRYPT_MODE).doFinal(new byte[1]));
        assertEquals(List.of(), recorder.sealed);
    }

    @Test
    void aTicketThatTheClientDidNotOfferIsNotOpened() throws Exception
    {
        byte[] other = TICKET.clone();
        other[3] ^= 1;
        assertThrows(AEADBadTagException.class, () -> cipher(Cipher.DECRYPT_MODE).doFinal(other));
        assertEquals(List.of(), recorder.opened);
    }

    @Test
    void whatItIsAskedAboutItself() throws Exception
    {
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE);
        assertEquals(16, cipher.getBlockSize());
        assertArrayEquals(IV, cipher.getIV());
        assertNull(cipher.getParameters());
        assertTrue(cipher.getOutputSize(100) >= 116);
        assertNotNull(cipher.getProvider());
        assertTrue(cipher.getProvider() instanceof StekProvider);
    }

    @Test
    void itTakesNoOtherModesParametersAndKeys() throws Exception
    {
        assertThrows(InvalidKeyException.class, () -> Cipher.getInstance(GCM).init(Cipher.ENCRYPT_MODE, handle));
        assertThrows(InvalidKeyException.class,
            () -> cipher(Cipher.ENCRYPT_MODE).init(Cipher.WRAP_MODE, handle, new GCMParameterSpec(128, IV)));
        assertThrows(InvalidAlgorithmParameterException.class,
            () -> cipher(Cipher.ENCRYPT_MODE).init(Cipher.ENCRYPT_MODE, handle, new IvParameterSpec(IV)));
    }

    /**
     * Remembers what it is given.
     */
    private static final class Recorder extends ForwardingTickets implements TicketProtector
    {
        private final List<byte[]> sealed = new ArrayList<>();
        private final List<byte[]> opened = new ArrayList<>();
        private final List<byte[]> associatedData = new ArrayList<>();
        private boolean refusing;

        private Recorder()
        {
            super(null);
        }

        private void forget()
        {
            sealed.clear();
            associatedData.clear();
        }

        @Override
        public Tickets begin(TlsHandshake handshake)
        {
            return this;
        }

        @Override
        public Optional<OpenedTicket> open(byte[] ticket, byte[] data, int stateFormat)
        {
            opened.add(ticket);
            associatedData.add(data);
            return refusing ? Optional.empty() : Optional.of(new OpenedTicket(Instant.EPOCH, Arrays.copyOf(STATE, STATE.length + 1)));
        }

        @Override
        public boolean isExhausted(int offered)
        {
            return false;
        }

        @Override
        public Optional<byte[]> seal(byte[] state, byte[] data, int stateFormat, SessionOrigin origin)
        {
            sealed.add(state);
            associatedData.add(data);
            return Optional.of(TICKET.clone());
        }

        @Override
        public boolean resumable(Optional<Protocol> protocol)
        {
            return true;
        }

        @Override
        public boolean resumableById(CachedSession cached)
        {
            return true;
        }

        @Override
        public boolean proven()
        {
            return true;
        }

        @Override
        public void abandoned()
        {
            // Nothing is held.
        }

        @Override
        public TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
        {
            return new TlsSession(StableId.random(), false, "ticket", "TLSv1.3", Instant.EPOCH, Instant.EPOCH, 0, "");
        }
    }
}
