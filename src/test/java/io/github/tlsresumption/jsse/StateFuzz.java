package io.github.tlsresumption.jsse;

import java.security.cert.CertificateException;

/**
 * Bytes for a session's state, as who has the ticket keys may have sealed them.
 */
public final class StateFuzz
{
    private StateFuzz()
    {
    }

    /**
     * @param data any bytes
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        StateFormat.start(data);
        LocalChain.withoutPreSharedKey(data);
        try
        {
            StateCertificates.read(data);
            if (StateCertificates.local(data) > 7)
            {
                throw new AssertionError("more than three bits");
            }
            StateCertificates.strip(data);
        }
        catch (CertificateException e)
        {
            if (e.getMessage() == null)
            {
                throw new AssertionError("no reason", e);
            }
        }
    }
}
