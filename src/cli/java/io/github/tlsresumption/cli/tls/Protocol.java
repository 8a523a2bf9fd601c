package io.github.tlsresumption.cli.tls;

/**
 * A version of TLS.
 */
public enum Protocol
{
    /** RFC 5246. */
    TLS_1_2("TLSv1.2", 0x0303),
    /** RFC 8446. */
    TLS_1_3("TLSv1.3", 0x0304);

    private final String name;
    private final int id;

    Protocol(String name, int id)
    {
        this.name = name;
        this.id = id;
    }

    int id()
    {
        return id;
    }

    /**
     * @return the name as JSSE writes it
     */
    @Override
    public String toString()
    {
        return name;
    }
}
