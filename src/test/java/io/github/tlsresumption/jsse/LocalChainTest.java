package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.crypto.SelfSignedCertificate.Algorithm;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LocalChainTest
{
    private static final byte[] KEY = Random.bytes(48);
    private static final byte[] BEFORE = {3, 3, 42, 0, 0};

    private static X509Certificate certificate(String name) throws Exception
    {
        return SelfSignedCertificate.create(name, Algorithm.EC_P256, Clock.systemUTC()).certificate();
    }

    private static byte[] state(X509Certificate... chain) throws Exception
    {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(BEFORE);
        out.write(1);
        out.write(chain.length);
        for (X509Certificate certificate : chain)
        {
            byte[] encoded = certificate.getEncoded();
            out.writeBytes(ByteBuffer.allocate(4).putInt(0, encoded.length).array());
            out.writeBytes(encoded);
        }
        return out.toByteArray();
    }

    @Test
    void aChainIsCutFromTheEndOfTheStateThatHasIt() throws Exception
    {
        X509Certificate[] certificates = {certificate("one"), certificate("two")};
        LocalChain chain = new LocalChain("EC", certificates);
        byte[] state = state(certificates);
        assertTrue(chain.isIn(state));
        byte[] expected = Arrays.copyOf(BEFORE, BEFORE.length + 1);
        assertArrayEquals(expected, chain.cutFrom(state));
        assertArrayEquals(certificates, chain.certificates());
    }

    @Test
    void aStateWithAnotherEndIsLeftAsItIs() throws Exception
    {
        X509Certificate one = certificate("one");
        X509Certificate two = certificate("two");
        LocalChain chain = new LocalChain("EC", new X509Certificate[]{one});
        assertFalse(chain.isIn(state(two)));
        assertFalse(chain.isIn(state(one, two)));
        assertFalse(chain.isIn(state(two, one)));
        assertFalse(chain.isIn(Arrays.copyOf(BEFORE, BEFORE.length + 1)));
        assertFalse(chain.isIn(new byte[0]));
        byte[] more = Arrays.copyOf(state(one), state(one).length + 1);
        assertFalse(chain.isIn(more));
        byte[] alone = Arrays.copyOfRange(state(one), BEFORE.length, state(one).length);
        assertFalse(chain.isIn(alone), "a state begins with something else");
    }

    private static byte[] stateWithPreSharedKey(int lengthAtTheEnd, byte[] keyAtTheEnd) throws Exception
    {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(new byte[]{3, 4, 0x13, 2, 2, 4, 3, 8, 4, 1, 8, 4});
        out.writeUTF("TlsPreSharedKey");
        out.writeShort(KEY.length);
        out.write(KEY);
        out.write(32);
        out.write(new byte[32]);
        out.write(new byte[100]);
        out.write(2);
        out.write(15);
        out.writeBytes("TlsPreSharedKey");
        out.writeInt(lengthAtTheEnd);
        out.write(keyAtTheEnd);
        out.writeInt(32);
        out.write(new byte[32]);
        return bytes.toByteArray();
    }

    @Test
    void aPreSharedKeyIsCutFromTheEndOfTheStateThatHasItTwice() throws Exception
    {
        byte[] state = stateWithPreSharedKey(KEY.length, KEY);
        byte[] cut = LocalChain.withoutPreSharedKey(state).orElseThrow();
        assertEquals(0, cut[cut.length - 1]);
        int end = 2 + 15 + 4 + KEY.length + 4 + 32;
        assertArrayEquals(Arrays.copyOf(state, state.length - end), Arrays.copyOf(cut, cut.length - 1));
    }

    @Test
    void aStateThatDoesNotEndWithItsPreSharedKeyCannotBeRead() throws Exception
    {
        byte[] other = KEY.clone();
        other[7]++;
        byte[] state = stateWithPreSharedKey(KEY.length, KEY);
        assertEquals(Optional.empty(), LocalChain.withoutPreSharedKey(stateWithPreSharedKey(KEY.length, other)));
        assertEquals(Optional.empty(), LocalChain.withoutPreSharedKey(stateWithPreSharedKey(KEY.length << 16, KEY)));
        assertEquals(Optional.empty(), LocalChain.withoutPreSharedKey(Arrays.copyOf(state, state.length + 1)));
        for (int length = 0; length < state.length; length++)
        {
            assertEquals(Optional.empty(), LocalChain.withoutPreSharedKey(Arrays.copyOf(state, length)), "length " + length);
        }
        Trials.run(2000, random ->
        {
            byte[] changed = state.clone();
            changed[random.nextInt(40)] ^= (byte)(1 << random.nextInt(8));
            LocalChain.withoutPreSharedKey(changed);
            LocalChain.withoutPreSharedKey(Trials.bytes(random, random.nextInt(200)));
        });
    }

    @Test
    void aServerIsKnownByTheChainOfEachOfItsKeys() throws Exception
    {
        X509Certificate one = certificate("one");
        X509Certificate two = certificate("two");
        LocalChain ec = new LocalChain("EC", new X509Certificate[]{one});
        LocalChain rsa = new LocalChain("RSA", new X509Certificate[]{two});
        ServerIdentity identity = new ServerIdentity(42, List.of(ec, rsa));
        assertEquals(Optional.of(ec), identity.chainIn(state(one)));
        assertEquals(Optional.of(rsa), identity.chainIn(state(two)));
        assertEquals(Optional.empty(), identity.chainIn(state(one, two)));
        for (LocalChain chain : List.of(ec, rsa))
        {
            assertEquals(Optional.of(chain), identity.chain(chain.number()));
        }
        for (int other : new int[]{0, 3, 4, 5, 7})
        {
            assertEquals(Optional.empty(), identity.chain(other));
        }
    }
}
