package io.github.tlsresumption.policy;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * Many clients' certificates of one authority.
 */
public final class ClientCertificates
{
    private static final String AUTHORITY = "CN=Clients of the benchmark, O=Example";

    private ClientCertificates()
    {
    }

    /**
     * @return the authority's own
     */
    public static X509Certificate authority()
    {
        return Certificates.of(AUTHORITY, AUTHORITY);
    }

    /**
     * @param count how many
     * @return certificates of as many clients
     */
    public static List<X509Certificate> of(int count)
    {
        List<X509Certificate> certificates = new ArrayList<>();
        for (int i = 0; i < count; i++)
        {
            certificates.add(Certificates.of("CN=client " + i + ", OU=Devices, O=Example", AUTHORITY));
        }
        return certificates;
    }

    /**
     * @return the key of all of them
     */
    public static PrivateKey key()
    {
        return Certificates.KEY.getPrivate();
    }
}
