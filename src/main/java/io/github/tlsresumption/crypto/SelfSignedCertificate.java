package io.github.tlsresumption.crypto;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * A key with a certificate by itself (RFC 5280), for handshakes within this process that prove nothing about identity.
 *
 * @param privateKey the key
 * @param certificate its certificate, valid for ten years from yesterday on
 */
public record SelfSignedCertificate(PrivateKey privateKey, X509Certificate certificate)
{
    private static final Duration BEFORE = Duration.ofDays(1);
    private static final Duration AFTER = Duration.ofDays(3650);

    /**
     * Kinds of keys, the cheapest first.
     */
    public enum Algorithm
    {
        /** ECDSA on P-256. */
        EC_P256("EC", "secp256r1", 0, "SHA256withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256)),
        /** ECDSA on P-384. */
        EC_P384("EC", "secp384r1", 0, "SHA384withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384)),
        /** RSA of 2048 bits. */
        RSA_2048("RSA", null, 2048, "SHA256withRSA",
            new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE));

        private final String key;
        private final String curve;
        private final int bits;
        private final String signature;
        private final AlgorithmIdentifier identifier;

        Algorithm(String key, String curve, int bits, String signature, AlgorithmIdentifier identifier)
        {
            this.key = key;
            this.curve = curve;
            this.bits = bits;
            this.signature = signature;
            this.identifier = identifier;
        }

        private KeyPair generate() throws GeneralSecurityException
        {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(key);
            if (curve == null)
            {
                generator.initialize(bits);
            }
            else
            {
                generator.initialize(new ECGenParameterSpec(curve));
            }
            return generator.generateKeyPair();
        }
    }

    /**
     * @param name the common name
     * @param clock tells the time from which validity counts
     * @return a new key on P-256 and its certificate
     * @throws GeneralSecurityException when the platform has no such keys
     */
    public static SelfSignedCertificate create(String name, Clock clock) throws GeneralSecurityException
    {
        return create(name, Algorithm.EC_P256, clock);
    }

    /**
     * @param name the common name
     * @param kind the kind of its key
     * @param clock tells the time from which validity counts
     * @return a new key and its certificate
     * @throws GeneralSecurityException when the platform has no such keys
     */
    public static SelfSignedCertificate create(String name, Algorithm kind, Clock clock) throws GeneralSecurityException
    {
        KeyPair pair = kind.generate();

        Instant now = clock.instant();
        X500Name subject = new X500Name("CN=" + name);
        AlgorithmIdentifier algorithm = kind.identifier;
        V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
        tbs.setSerialNumber(new ASN1Integer(BigInteger.valueOf(now.toEpochMilli())));
        tbs.setIssuer(subject);
        tbs.setSubject(subject);
        tbs.setStartDate(new Time(Date.from(now.minus(BEFORE))));
        tbs.setEndDate(new Time(Date.from(now.plus(AFTER))));
        tbs.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
        tbs.setSignature(algorithm);
        TBSCertificate certificate = tbs.generateTBSCertificate();
        try
        {
            Signature signature = Signature.getInstance(kind.signature);
            signature.initSign(pair.getPrivate());
            signature.update(certificate.getEncoded("DER"));
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(certificate);
            parts.add(algorithm);
            parts.add(new DERBitString(signature.sign()));
            byte[] encoded = new DERSequence(parts).getEncoded("DER");
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return new SelfSignedCertificate(pair.getPrivate(),
                (X509Certificate)factory.generateCertificate(new ByteArrayInputStream(encoded)));
        }
        catch (IOException e)
        {
            throw new GeneralSecurityException(e);
        }
    }

    /**
     * @return the certificate's serial number only
     */
    @Override
    public String toString()
    {
        return "SelfSignedCertificate[%s]".formatted(certificate.getSerialNumber());
    }
}
