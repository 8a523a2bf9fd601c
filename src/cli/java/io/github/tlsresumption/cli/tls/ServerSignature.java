package io.github.tlsresumption.cli.tls;

import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.List;

/**
 * The signature by which a server shows that it has the key of its certificate (RFC 8446 section 4.2.3).
 */
final class ServerSignature
{
    /** What the client accepts. */
    static final List<Integer> SCHEMES = Arrays.stream(Scheme.values()).map(scheme -> scheme.id).toList();

    private enum Scheme
    {
        ECDSA_SECP256R1_SHA256(0x0403, "SHA256withECDSA", null),
        ECDSA_SECP384R1_SHA384(0x0503, "SHA384withECDSA", null),
        ECDSA_SECP521R1_SHA512(0x0603, "SHA512withECDSA", null),
        ED25519(0x0807, "Ed25519", null),
        RSA_PSS_RSAE_SHA256(0x0804, "RSASSA-PSS", pss("SHA-256", 32)),
        RSA_PSS_RSAE_SHA384(0x0805, "RSASSA-PSS", pss("SHA-384", 48)),
        RSA_PSS_RSAE_SHA512(0x0806, "RSASSA-PSS", pss("SHA-512", 64)),
        RSA_PKCS1_SHA256(0x0401, "SHA256withRSA", null),
        RSA_PKCS1_SHA384(0x0501, "SHA384withRSA", null),
        RSA_PKCS1_SHA512(0x0601, "SHA512withRSA", null);

        private final int id;
        private final String algorithm;
        private final PSSParameterSpec parameters;

        Scheme(int id, String algorithm, PSSParameterSpec parameters)
        {
            this.id = id;
            this.algorithm = algorithm;
            this.parameters = parameters;
        }

        private static PSSParameterSpec pss(String hash, int salt)
        {
            return new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, PSSParameterSpec.TRAILER_FIELD_BC);
        }
    }

    private ServerSignature()
    {
    }

    static void check(int schemeId, X509Certificate certificate, byte[] signature, byte[] signed) throws GeneralSecurityException
    {
        Scheme scheme = Arrays.stream(Scheme.values()).filter(known -> known.id == schemeId).findFirst()
            .orElseThrow(() -> new SignatureException("the server signs by a scheme that was not offered, " + schemeId));
        Signature verifier = Signature.getInstance(scheme.algorithm);
        if (scheme.parameters != null)
        {
            verifier.setParameter(scheme.parameters);
        }
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(signed);
        if (!verifier.verify(signature))
        {
            throw new SignatureException("the server's signature is wrong: it does not have the key of its certificate");
        }
    }
}
