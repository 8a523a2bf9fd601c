package io.github.tlsresumption.policy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;

import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Certificates with any names. All have one key, with which each is signed, whoever it says issued it: policies look at
 * names, and leave signatures to the trust manager.
 */
final class Certificates
{
    static final KeyPair KEY = newKey();

    private Certificates()
    {
    }

    static X509Certificate of(String subject, String issuer, GeneralName... alternativeNames)
    {
        return of(subject, issuer, alternativeNames.length == 0 ? null : encoded(new GeneralNames(alternativeNames)));
    }

    /*
     * One whose extension for alternative names holds something else.
     */
    static X509Certificate withBrokenAlternativeNames(String subject, String issuer)
    {
        return of(subject, issuer, new byte[]{0x30, 0x03, (byte)0x87, 0x01, 0x7f});
    }

    private static X509Certificate of(String subject, String issuer, byte[] alternativeNames)
    {
        try
        {
            AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
            Instant now = Instant.now();
            V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
            tbs.setSerialNumber(new ASN1Integer(BigInteger.ONE));
            tbs.setSubject(X500Name.getInstance(new X500Principal(subject).getEncoded()));
            tbs.setIssuer(X500Name.getInstance(new X500Principal(issuer).getEncoded()));
            tbs.setStartDate(new Time(Date.from(now)));
            tbs.setEndDate(new Time(Date.from(now.plus(Duration.ofDays(1)))));
            tbs.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(KEY.getPublic().getEncoded()));
            tbs.setSignature(algorithm);
            if (alternativeNames != null)
            {
                tbs.setExtensions(new Extensions(new Extension(Extension.subjectAlternativeName, false,
                    new DEROctetString(alternativeNames))));
            }
            TBSCertificate content = tbs.generateTBSCertificate();
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(KEY.getPrivate());
            signature.update(content.getEncoded("DER"));
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(content);
            parts.add(algorithm);
            parts.add(new DERBitString(signature.sign()));
            byte[] encoded = new DERSequence(parts).getEncoded("DER");
            return (X509Certificate)CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        }
        catch (GeneralSecurityException | IOException e)
        {
            throw new AssertionError(e);
        }
    }

    private static byte[] encoded(GeneralNames names)
    {
        try
        {
            return names.getEncoded("DER");
        }
        catch (IOException e)
        {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newKey()
    {
        try
        {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }
}
