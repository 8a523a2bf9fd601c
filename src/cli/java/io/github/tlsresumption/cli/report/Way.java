package io.github.tlsresumption.cli.report;

/**
 * How a connection is set up.
 */
public enum Way
{
    /** A full handshake with stock Jetty. */
    STOCK_FULL("stock Jetty, full handshake"),
    /** A full handshake with this module. */
    FULL("full handshake"),
    /** Stock Jetty's tickets. */
    STOCK_TICKET("stock Jetty, ticket"),
    /** Mode ticket. */
    TICKET("ticket"),
    /** Stock Jetty without tickets: the JDK's own cache. */
    STOCK_CACHE("stock Jetty, cache"),
    /** Mode cache. */
    CACHE("cache"),
    /** A client of TLS 1.2 without tickets. */
    SESSION_ID("session id");

    private final String name;

    Way(String name)
    {
        this.name = name;
    }

    boolean isFull()
    {
        return this == FULL || this == STOCK_FULL;
    }

    boolean isStock()
    {
        return this == STOCK_FULL || this == STOCK_TICKET || this == STOCK_CACHE;
    }

    boolean isFor(String protocol)
    {
        return this != SESSION_ID || protocol.equals("TLSv1.2");
    }

    /**
     * @return the way in a sentence
     */
    String inWords()
    {
        return this == TICKET || this == CACHE ? "mode " + name : "way '" + name + "'";
    }

    @Override
    public String toString()
    {
        return name;
    }
}
