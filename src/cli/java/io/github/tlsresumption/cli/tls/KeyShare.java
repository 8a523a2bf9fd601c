package io.github.tlsresumption.cli.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.KeyAgreement;

/**
 * An ephemeral key of the client in one group (RFC 8446 section 4.2.8, RFC 8422).
 */
final class KeyShare
{
    /** Those that the client knows, the preferred ones first. */
    static final List<Integer> GROUPS = Arrays.stream(Group.values()).map(group -> group.id).toList();

    private static final int UNCOMPRESSED = 4;

    private enum Group
    {
        X25519(0x001D, null, 32),
        SECP256R1(0x0017, "secp256r1", 32),
        SECP384R1(0x0018, "secp384r1", 48),
        SECP521R1(0x0019, "secp521r1", 66);

        private final int id;
        private final String curve;
        private final int bytes;

        Group(int id, String curve, int bytes)
        {
            this.id = id;
            this.curve = curve;
            this.bytes = bytes;
        }
    }

    private final Group group;
    private final KeyPair pair;

    private KeyShare(Group group) throws GeneralSecurityException
    {
        this.group = group;
        KeyPairGenerator generator = KeyPairGenerator.getInstance(group.curve == null ? "X25519" : "EC");
        if (group.curve != null)
        {
            generator.initialize(new ECGenParameterSpec(group.curve));
        }
        pair = generator.generateKeyPair();
    }

    static KeyShare in(int groupId) throws GeneralSecurityException
    {
        Optional<Group> group = Arrays.stream(Group.values()).filter(known -> known.id == groupId).findFirst();
        return new KeyShare(group.orElseThrow(() -> new GeneralSecurityException("the server chose an unknown group, " + groupId)));
    }

    int group()
    {
        return group.id;
    }

    byte[] encoded()
    {
        if (pair.getPublic() instanceof XECPublicKey key)
        {
            return reversed(fixed(key.getU(), group.bytes));
        }
        ECPoint point = ((ECPublicKey)pair.getPublic()).getW();
        return Wire.join(new byte[]{UNCOMPRESSED}, fixed(point.getAffineX(), group.bytes), fixed(point.getAffineY(), group.bytes));
    }

    /**
     * @param peer the server's share
     * @return the shared secret
     */
    byte[] agree(byte[] peer) throws GeneralSecurityException
    {
        KeyAgreement agreement = KeyAgreement.getInstance(group.curve == null ? "X25519" : "ECDH");
        agreement.init(pair.getPrivate());
        agreement.doPhase(decoded(peer), true);
        return agreement.generateSecret();
    }

    private PublicKey decoded(byte[] peer) throws GeneralSecurityException
    {
        if (group.curve == null)
        {
            BigInteger u = new BigInteger(1, reversed(peer)).clearBit(255);
            return KeyFactory.getInstance("X25519").generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u));
        }
        if (peer.length != 1 + 2 * group.bytes || peer[0] != UNCOMPRESSED)
        {
            throw new GeneralSecurityException("the server's key share is malformed");
        }
        ECPoint point = new ECPoint(new BigInteger(1, Arrays.copyOfRange(peer, 1, 1 + group.bytes)),
            new BigInteger(1, Arrays.copyOfRange(peer, 1 + group.bytes, peer.length)));
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, ((ECPublicKey)pair.getPublic()).getParams()));
    }

    private static byte[] fixed(BigInteger number, int length)
    {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[length];
        int count = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - count, out, length - count, count);
        return out;
    }

    private static byte[] reversed(byte[] bytes)
    {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++)
        {
            out[i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }
}
