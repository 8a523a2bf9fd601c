package io.github.tlsresumption.openssl;

import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A certificate chain with its key, as the library has them. A key that its provider does not give away, such as one in a PKCS#11 token,
 * stays there: each signature is asked for. Thread-safe; counted by its owners.
 */
final class Credential
{
    private final List<X509Certificate> chain;
    private final PrivateKey signer;
    private final LibSsl lib;
    private final long[] certificates;
    private final long key;
    private final Counted counted;

    private Credential(LibSsl lib, LiveObjects live, List<X509Certificate> chain, PrivateKey signer, long[] certificates, long key)
    {
        this.lib = lib;
        this.chain = chain;
        this.signer = signer;
        this.certificates = certificates;
        this.key = key;
        this.counted = new Counted(live.credentialCounter(), () -> free(lib, certificates, key));
    }

    /**
     * @param lib the library
     * @param live counts what exists
     * @param chain the server's certificate first
     * @param key its key
     * @return a credential that the caller owns
     * @throws TlsLibraryException when the library does not take the key
     */
    static Credential create(LibSsl lib, LiveObjects live, List<X509Certificate> chain, PrivateKey key)
    {
        byte[] encoded = "PKCS#8".equals(key.getFormat()) ? key.getEncoded() : null;
        if (encoded == null && !lib.asksForSignatures())
        {
            throw new TlsLibraryException(("its provider does not give the private key away, as of a PKCS#11 token, and %s signs with no "
                + "other: use BoringSSL, AWS-LC, or the engine jdk").formatted(lib.description()));
        }
        long[] certificates = new long[chain.size()];
        long nativeKey = 0;
        try
        {
            for (int i = 0; i < certificates.length; i++)
            {
                certificates[i] = lib.newCertificate(chain.get(i).getEncoded());
            }
            nativeKey = encoded == null ? 0 : lib.newKey(encoded);
            return new Credential(lib, live, List.copyOf(chain), encoded == null ? key : null, certificates, nativeKey);
        }
        catch (CertificateEncodingException e)
        {
            free(lib, certificates, nativeKey);
            throw new TlsLibraryException("a certificate cannot be encoded: " + e.getMessage(), e);
        }
        catch (RuntimeException e)
        {
            free(lib, certificates, nativeKey);
            throw e;
        }
        finally
        {
            if (encoded != null)
            {
                Arrays.fill(encoded, (byte)0);
            }
        }
    }

    private static void free(LibSsl lib, long[] certificates, long key)
    {
        for (long certificate : certificates)
        {
            if (certificate != 0)
            {
                lib.freeCertificate(certificate);
            }
        }
        if (key != 0)
        {
            lib.freeKey(key);
        }
    }

    /**
     * To be called by an owner, while the connection chooses its certificate.
     */
    void show(long connection)
    {
        lib.setCertificate(connection, certificates, key);
    }

    /**
     * To be called by an owner. Connections of the context show the certificate by themselves.
     *
     * @param context one without connections; not with a key that signs on request
     */
    void showByDefault(long context)
    {
        lib.setDefaultCertificate(context, certificates, key);
    }

    boolean acquire()
    {
        return counted.acquire();
    }

    void release()
    {
        counted.release();
    }

    List<X509Certificate> chain()
    {
        return chain;
    }

    /**
     * @return the key that signs on request, or empty when the library has the key
     */
    Optional<PrivateKey> signer()
    {
        return Optional.ofNullable(signer);
    }
}
