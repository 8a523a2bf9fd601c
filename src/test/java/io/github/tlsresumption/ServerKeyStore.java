package io.github.tlsresumption;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;

import io.github.tlsresumption.crypto.SelfSignedCertificate;

/**
 * A PKCS12 file with a self-signed certificate, for servers of one host.
 */
public final class ServerKeyStore
{
    private ServerKeyStore()
    {
    }

    /**
     * @param file the file to make
     * @param host of the certificate, and the name of its entry
     * @param password of the file and its key
     * @throws IOException when it cannot be written
     * @throws GeneralSecurityException when it cannot be made
     */
    public static void write(Path file, String host, String password) throws IOException, GeneralSecurityException
    {
        SelfSignedCertificate certificate = SelfSignedCertificate.create(host, Clock.systemUTC());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(host, certificate.privateKey(), password.toCharArray(), new Certificate[]{certificate.certificate()});
        try (OutputStream out = Files.newOutputStream(file))
        {
            store.store(out, password.toCharArray());
        }
    }
}
