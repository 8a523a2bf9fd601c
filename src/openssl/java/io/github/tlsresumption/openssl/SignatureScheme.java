package io.github.tlsresumption.openssl;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The SignatureSchemes (RFC 8446 section 4.2.3) with which the BoringSSL family signs, and what JCA calls them.
 */
enum SignatureScheme
{
    ECDSA_SECP256R1_SHA256(0x0403, "EC", 256, "SHA256withECDSA", true),
    ECDSA_SECP384R1_SHA384(0x0503, "EC", 384, "SHA384withECDSA", true),
    ECDSA_SECP521R1_SHA512(0x0603, "EC", 521, "SHA512withECDSA", true),
    ED25519(0x0807, "EdDSA", 0, "Ed25519", true),
    RSA_PSS_RSAE_SHA256(0x0804, "RSA", 0, "SHA-256", true),
    RSA_PSS_RSAE_SHA384(0x0805, "RSA", 0, "SHA-384", true),
    RSA_PSS_RSAE_SHA512(0x0806, "RSA", 0, "SHA-512", true),
    RSA_PKCS1_SHA256(0x0401, "RSA", 0, "SHA256withRSA", false),
    RSA_PKCS1_SHA384(0x0501, "RSA", 0, "SHA384withRSA", false),
    RSA_PKCS1_SHA512(0x0601, "RSA", 0, "SHA512withRSA", false),
    ECDSA_SHA1(0x0203, "EC", 0, "SHA1withECDSA", false),
    RSA_PKCS1_SHA1(0x0201, "RSA", 0, "SHA1withRSA", false);

    /** What a client of TLS 1.2 takes that does not say (RFC 5246 section 7.4.1.4.1). */
    private static final List<SignatureScheme> UNSAID = List.of(ECDSA_SHA1, RSA_PKCS1_SHA1);

    private static final Map<Integer, SignatureScheme> BY_NUMBER =
        Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(scheme -> scheme.number, Function.identity()));

    private final int number;
    private final String keyType;
    private final int curveBits;
    private final String algorithm;
    private final boolean tls13;

    SignatureScheme(int number, String keyType, int curveBits, String algorithm, boolean tls13)
    {
        this.number = number;
        this.keyType = keyType;
        this.curveBits = curveBits;
        this.algorithm = algorithm;
        this.tls13 = tls13;
    }

    static Optional<SignatureScheme> of(int number)
    {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    /**
     * @return those with which a client may be answered, the one that it prefers first
     */
    static List<SignatureScheme> forClient(ClientHello hello, boolean tls13)
    {
        int[] said = hello.signatureSchemes();
        if (said.length == 0 && !tls13)
        {
            return UNSAID;
        }
        List<SignatureScheme> schemes = new ArrayList<>(said.length);
        for (int number : said)
        {
            SignatureScheme scheme = BY_NUMBER.get(number);
            if (scheme != null && (scheme.tls13 || !tls13))
            {
                schemes.add(scheme);
            }
        }
        return schemes;
    }

    /**
     * @return the names of signatures as JCA and the JDK's constraints on certificates know them
     */
    static String[] names()
    {
        return Arrays.stream(values()).map(scheme -> scheme.isPss() ? "RSASSA-PSS" : scheme.algorithm).distinct().toArray(String[]::new);
    }

    /**
     * @return the key type by which JSSE asks a key manager
     */
    String keyType()
    {
        return keyType;
    }

    /**
     * @param key the server's public key
     * @param isTls13 whether the protocol is TLS 1.3, which binds a scheme to a curve
     * @return whether it can sign so
     */
    boolean fits(PublicKey key, boolean isTls13)
    {
        return switch (key)
        {
            case ECKey ec when keyType.equals("EC") -> !isTls13 || ec.getParams().getOrder().bitLength() == curveBits;
            case PublicKey other -> keyType.equals(other.getAlgorithm());
        };
    }

    private boolean isPss()
    {
        return algorithm.startsWith("SHA-");
    }

    /**
     * @param key a private key, wherever it is kept
     * @param input the bytes to sign
     * @return the signature
     * @throws GeneralSecurityException when the key's provider cannot
     */
    byte[] sign(PrivateKey key, byte[] input) throws GeneralSecurityException
    {
        Signature signature = Signature.getInstance(isPss() ? "RSASSA-PSS" : algorithm);
        // Before the parameters: JCA then chooses a provider that has the key.
        signature.initSign(key);
        if (isPss())
        {
            int saltBytes = Integer.parseInt(algorithm.substring("SHA-".length())) / Byte.SIZE;
            MGF1ParameterSpec mask = new MGF1ParameterSpec(algorithm);
            signature.setParameter(new PSSParameterSpec(algorithm, "MGF1", mask, saltBytes, PSSParameterSpec.TRAILER_FIELD_BC));
        }
        signature.update(input);
        return signature.sign();
    }
}
