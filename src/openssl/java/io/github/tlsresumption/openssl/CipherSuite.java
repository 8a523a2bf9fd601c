package io.github.tlsresumption.openssl;

/**
 * A cipher suite of TLS 1.2.
 *
 * @param name its standard name, which is JSSE's
 * @param number as on the wire
 */
record CipherSuite(String name, int number)
{
    /**
     * @param keyType a key type as JSSE names it
     * @return whether a server with such a key can choose the suite (RFC 8422 section 2.1)
     */
    boolean isFor(String keyType)
    {
        return keyType.equals("RSA") ? name.contains("_RSA_") : name.contains("_ECDSA_");
    }

    /**
     * @return whether a stolen server key opens no connection of the past
     */
    boolean isForwardSecret()
    {
        return name.startsWith("TLS_ECDHE_");
    }
}
