package io.github.tlsresumption.accp;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;
import javax.crypto.ShortBufferException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

@ExtendWith(WithNativeCryptography.class)
class X25519ProviderTest
{
    private static final String OURS = WithNativeCryptography.X25519;
    private static final String JDK = "SunEC";
    private static final String XDH = "XDH";

    private static byte[] agree(String provider, PrivateKey ours, PublicKey theirs) throws GeneralSecurityException
    {
        KeyAgreement agreement = KeyAgreement.getInstance(XDH, provider);
        agreement.init(ours);
        agreement.doPhase(theirs, true);
        return agreement.generateSecret();
    }

    private static KeyPair pair(String provider) throws GeneralSecurityException
    {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(XDH, provider);
        generator.initialize(NamedParameterSpec.X25519);
        return generator.generateKeyPair();
    }

    private static PublicKey publicKey(BigInteger u) throws GeneralSecurityException
    {
        return KeyFactory.getInstance(XDH).generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u));
    }

    private static PrivateKey privateKey(byte[] scalar) throws GeneralSecurityException
    {
        return KeyFactory.getInstance(XDH).generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar));
    }

    private static BigInteger littleEndian(byte[] bytes)
    {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++)
        {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        reversed[0] &= 0x7f;
        return new BigInteger(1, reversed);
    }

    /**
     * The iterated test of RFC 7748 section 5.2.
     */
    @Test
    void agreesOnThePublishedSecrets() throws Exception
    {
        byte[] scalar = Arrays.copyOf(new byte[]{9}, 32);
        byte[] u = scalar;
        for (int i = 1; i <= 1000; i++)
        {
            byte[] result = agree(OURS, privateKey(scalar), publicKey(littleEndian(u)));
            u = scalar;
            scalar = result;
            if (i == 1)
            {
                assertEquals("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", HexFormat.of().formatHex(scalar));
            }
        }
        assertEquals("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", HexFormat.of().formatHex(scalar));
    }

    @Test
    void agreesWithTheJdkOnKeysOfEither() throws Exception
    {
        for (int i = 0; i < 20; i++)
        {
            KeyPair ours = pair(OURS);
            KeyPair theirs = pair(JDK);
            byte[] secret = agree(OURS, ours.getPrivate(), theirs.getPublic());
            assertArrayEquals(secret, agree(JDK, theirs.getPrivate(), ours.getPublic()));
            assertArrayEquals(secret, agree(OURS, theirs.getPrivate(), ours.getPublic()));
            assertArrayEquals(secret, agree(JDK, ours.getPrivate(), theirs.getPublic()));
        }
        assertNotEquals(pair(OURS).getPublic(), pair(OURS).getPublic());
    }

    @Test
    void aPrivateKeyIsAsTheJdksOneOfTheSameBytes() throws Exception
    {
        PrivateKey ours = pair(OURS).getPrivate();
        PrivateKey jdks = KeyFactory.getInstance(XDH, JDK).generatePrivate(new PKCS8EncodedKeySpec(ours.getEncoded()));
        assertEquals(jdks, ours);
        assertEquals(ours, jdks);
        assertEquals(ours, ours);
        assertNotEquals(ours, pair(OURS).getPrivate());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes))
        {
            out.writeObject(ours);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())))
        {
            assertEquals(ours, in.readObject());
        }
    }

    @Test
    void refusesPointsOfSmallOrder() throws Exception
    {
        // RFC 7748 section 6.1: these give a secret of zeros.
        BigInteger p = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
        PrivateKey key = pair(OURS).getPrivate();
        for (BigInteger u : new BigInteger[]{BigInteger.ZERO, BigInteger.ONE, p.subtract(BigInteger.ONE)})
        {
            PublicKey small = publicKey(u);
            assertThrows(InvalidKeyException.class, () -> agree(OURS, key, small));
        }
    }

    @Test
    void whatIsNotX25519GoesToTheNextProvider() throws Exception
    {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(XDH);
        generator.initialize(NamedParameterSpec.X448);
        KeyPair pair = generator.generateKeyPair();
        KeyAgreement agreement = KeyAgreement.getInstance(XDH);
        agreement.init(pair.getPrivate());
        agreement.doPhase(pair.getPublic(), true);
        assertEquals(56, agreement.generateSecret().length);
        KeyPairGenerator sized = KeyPairGenerator.getInstance(XDH);
        sized.initialize(448);
        assertEquals(JDK, sized.getProvider().getName());
    }

    @Test
    void refusesWhatIsNotX25519() throws Exception
    {
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair other = ec.generateKeyPair();
        KeyPairGenerator generator = KeyPairGenerator.getInstance(XDH, OURS);
        assertThrows(InvalidAlgorithmParameterException.class, () -> generator.initialize(NamedParameterSpec.X448));
        assertThrows(InvalidParameterException.class, () -> generator.initialize(448));
        KeyPair pair = pair(OURS);
        KeyAgreement agreement = KeyAgreement.getInstance(XDH, OURS);
        assertThrows(InvalidKeyException.class, () -> agreement.init(other.getPrivate()));
        assertThrows(InvalidKeyException.class, () -> agreement.init(pair.getPublic()));
        assertThrows(InvalidAlgorithmParameterException.class, () -> agreement.init(pair.getPrivate(), NamedParameterSpec.X448));
        agreement.init(pair.getPrivate());
        assertThrows(InvalidKeyException.class, () -> agreement.doPhase(other.getPublic(), true));
        assertThrows(InvalidKeyException.class, () -> agreement.doPhase(pair.getPrivate(), true));
        assertThrows(IllegalStateException.class, () -> agreement.doPhase(pair.getPublic(), false));
        assertThrows(IllegalStateException.class, agreement::generateSecret);
    }

    @Test
    void givesTheSecretInEachFormAndOnce() throws Exception
    {
        KeyPair pair = pair(OURS);
        byte[] secret = agree(OURS, pair.getPrivate(), pair.getPublic());
        KeyAgreement agreement = KeyAgreement.getInstance("X25519", OURS);
        agreement.init(pair.getPrivate());
        agreement.doPhase(pair.getPublic(), true);
        assertThrows(NoSuchAlgorithmException.class, () -> agreement.generateSecret("DES"));
        assertThrows(ShortBufferException.class, () -> agreement.generateSecret(new byte[40], 9));
        assertArrayEquals(secret, agreement.generateSecret("TlsPremasterSecret").getEncoded());
        assertThrows(IllegalStateException.class, agreement::generateSecret);
        agreement.init(pair.getPrivate());
        agreement.doPhase(pair.getPublic(), true);
        byte[] buffer = new byte[40];
        assertEquals(32, agreement.generateSecret(buffer, 8));
        assertArrayEquals(secret, Arrays.copyOfRange(buffer, 8, 40));
    }
}
