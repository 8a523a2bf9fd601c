package io.github.tlsresumption.crypto;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;

import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * A certificate authority that issues certificates in memory, without a process for each as {@code keytool} needs. Keys are on P-256.
 */
public final class TestAuthority
{
    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final String name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    /**
     * @param name its common name
     */
    public TestAuthority(String name) throws GeneralSecurityException
    {
        this(name, newKeys());
    }

    private TestAuthority(String name, KeyPair keys) throws GeneralSecurityException
    {
        this.name = name;
        this.keys = keys;
        certificate = sign(name, name, keys.getPublic(), keys.getPrivate(), Extension.basicConstraints, new BasicConstraints(true));
    }

    /**
     * @return the same authority, with another certificate for its key
     */
    public TestAuthority renewed() throws GeneralSecurityException
    {
        return new TestAuthority(name, keys);
    }

    public X509Certificate certificate()
    {
        return certificate;
    }

    /**
     * Puts a new key for a name into a store, with a chain that ends with this authority's certificate.
     *
     * @param store gets the key
     * @param alias under which to put it; what was there is replaced
     * @param host the common name, and the alternative one
     * @param password of the key
     */
    public void issue(KeyStore store, String alias, String host, char[] password) throws GeneralSecurityException
    {
        KeyPair pair = newKeys();
        X509Certificate issued = sign(name, host, pair.getPublic(), keys.getPrivate(), Extension.subjectAlternativeName,
            new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
        store.setKeyEntry(alias, pair.getPrivate(), password, new Certificate[]{issued, certificate});
    }

    private static KeyPair newKeys() throws GeneralSecurityException
    {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate sign(String issuer, String subject, PublicKey key, PrivateKey by,
        ASN1ObjectIdentifier extension, ASN1Encodable value) throws GeneralSecurityException
    {
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
        Instant now = Instant.now();
        V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
        content.setSerialNumber(new ASN1Integer(BigInteger.valueOf(SERIAL.getAndIncrement())));
        content.setIssuer(new X500Name("CN=" + issuer));
        content.setSubject(new X500Name("CN=" + subject));
        content.setStartDate(new Time(Date.from(now.minus(Duration.ofDays(1)))));
        content.setEndDate(new Time(Date.from(now.plus(Duration.ofDays(30)))));
        content.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
        content.setSignature(algorithm);
        try
        {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(extension, true, value);
            content.setExtensions(extensions.generate());
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(by);
            signature.update(content.generateTBSCertificate().getEncoded("DER"));
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(content.generateTBSCertificate());
            parts.add(algorithm);
            parts.add(new DERBitString(signature.sign()));
            byte[] encoded = new DERSequence(parts).getEncoded("DER");
            return (X509Certificate)CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        }
        catch (IOException e)
        {
            throw new GeneralSecurityException(e);
        }
    }
}
