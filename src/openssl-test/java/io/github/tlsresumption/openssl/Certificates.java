package io.github.tlsresumption.openssl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/**
 * Keys with self-signed certificates, made once, and managers for them.
 */
final class Certificates
{
    private static final Map<Kind, Identity> MADE = new ConcurrentHashMap<>();

    private Certificates()
    {
    }

    enum Kind
    {
        P256("EC", "secp256r1", "SHA256withECDSA", "1.2.840.10045.4.3.2"),
        P384("EC", "secp384r1", "SHA384withECDSA", "1.2.840.10045.4.3.3"),
        P521("EC", "secp521r1", "SHA512withECDSA", "1.2.840.10045.4.3.4"),
        RSA("RSA", "2048", "SHA256withRSA", "1.2.840.113549.1.1.11"),
        ED25519("Ed25519", "", "Ed25519", "1.3.101.112"),
        ED448("Ed448", "", "Ed448", "1.3.101.113"),
        CLIENT("EC", "secp256r1", "SHA256withECDSA", "1.2.840.10045.4.3.2"),
        STRANGER("EC", "secp256r1", "SHA256withECDSA", "1.2.840.10045.4.3.2"),
        CLIENT_ED25519("Ed25519", "", "Ed25519", "1.3.101.112");

        private final String algorithm;
        private final String parameter;
        private final String signature;
        private final String oid;

        Kind(String algorithm, String parameter, String signature, String oid)
        {
            this.algorithm = algorithm;
            this.parameter = parameter;
            this.signature = signature;
            this.oid = oid;
        }

        private KeyPair generate() throws GeneralSecurityException
        {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            switch (algorithm)
            {
                case "EC" -> generator.initialize(new ECGenParameterSpec(parameter));
                case "RSA" -> generator.initialize(Integer.parseInt(parameter));
                default ->
                {
                    // The algorithm says it all.
                }
            }
            return generator.generateKeyPair();
        }
    }

    /**
     * A key with its certificate.
     */
    record Identity(PrivateKey key, X509Certificate certificate)
    {
        String keyType()
        {
            return certificate.getPublicKey().getAlgorithm();
        }

        /**
         * @return the same with a key that does not give its bytes away
         */
        Identity locked()
        {
            return new Identity(new LockedKeys.LockedKey(key), certificate);
        }
    }

    static Identity of(Kind kind)
    {
        return MADE.computeIfAbsent(kind, Certificates::create);
    }

    static Identity create(Kind kind)
    {
        try
        {
            KeyPair pair = kind.generate();
            AlgorithmIdentifier algorithm = kind == Kind.RSA
                ? new AlgorithmIdentifier(new ASN1ObjectIdentifier(kind.oid), DERNull.INSTANCE)
                : new AlgorithmIdentifier(new ASN1ObjectIdentifier(kind.oid));
            Instant now = Instant.now();
            X500Name subject = new X500Name("CN=" + kind);
            V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
            tbs.setSerialNumber(new ASN1Integer(BigInteger.valueOf(now.toEpochMilli())));
            tbs.setIssuer(subject);
            tbs.setSubject(subject);
            tbs.setStartDate(new Time(Date.from(now.minus(Duration.ofDays(1)))));
            tbs.setEndDate(new Time(Date.from(now.plus(Duration.ofDays(30)))));
            tbs.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
            tbs.setSignature(algorithm);
            TBSCertificate content = tbs.generateTBSCertificate();
            Signature signature = Signature.getInstance(kind.signature);
            signature.initSign(pair.getPrivate());
            signature.update(content.getEncoded("DER"));
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(content);
            parts.add(algorithm);
            parts.add(new DERBitString(signature.sign()));
            byte[] encoded = new DERSequence(parts).getEncoded("DER");
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return new Identity(pair.getPrivate(), (X509Certificate)factory.generateCertificate(new ByteArrayInputStream(encoded)));
        }
        catch (GeneralSecurityException | IOException e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * Chooses the first identity with the right type of key.
     */
    static class Keys extends X509ExtendedKeyManager
    {
        private final List<Identity> identities;

        Keys(Identity... identities)
        {
            this.identities = List.of(identities);
        }

        /**
         * @param first is told of
         * @param second of the same type, is chosen for every client
         */
        static Keys choosingTheSecond(Identity first, Identity second)
        {
            return new Keys(first, second)
            {
                @Override
                public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine)
                {
                    return keyType.equals(second.keyType()) ? "1" : null;
                }
            };
        }

        private String find(String... keyTypes)
        {
            for (int i = 0; i < identities.size(); i++)
            {
                if (Arrays.asList(keyTypes).contains(identities.get(i).keyType()))
                {
                    return Integer.toString(i);
                }
            }
            return null;
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine)
        {
            return find(keyType);
        }

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine)
        {
            return find(keyTypes);
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers)
        {
            String alias = find(keyType);
            return alias == null ? null : new String[]{alias};
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers)
        {
            return getServerAliases(keyType, issuers);
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket)
        {
            return find(keyType);
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket)
        {
            return find(keyTypes);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias)
        {
            return new X509Certificate[]{identities.get(Integer.parseInt(alias)).certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias)
        {
            return identities.get(Integer.parseInt(alias)).key();
        }
    }

    /**
     * Trusts these certificates and no other.
     */
    static class Trust extends X509ExtendedTrustManager
    {
        private final List<X509Certificate> trusted;

        Trust(Identity... trusted)
        {
            this.trusted = Arrays.stream(trusted).map(Identity::certificate).toList();
        }

        private void check(X509Certificate[] chain) throws CertificateException
        {
            if (!trusted.contains(chain[0]))
            {
                throw new CertificateException("a stranger: " + chain[0].getSubjectX500Principal());
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException
        {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException
        {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException
        {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException
        {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException
        {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException
        {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return trusted.toArray(X509Certificate[]::new);
        }
    }
}
