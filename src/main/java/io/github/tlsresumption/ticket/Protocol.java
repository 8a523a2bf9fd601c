package io.github.tlsresumption.ticket;

import java.util.Arrays;
import java.util.Optional;

/**
 * A version of TLS. A version without a name here resumes nothing.
 */
public enum Protocol
{
    /** TLS 1.0, RFC 2246. */
    TLS_1_0("TLSv1"),
    /** TLS 1.1, RFC 4346. */
    TLS_1_1("TLSv1.1"),
    /** TLS 1.2, RFC 5246. */
    TLS_1_2("TLSv1.2"),
    /** TLS 1.3, RFC 8446. */
    TLS_1_3("TLSv1.3");

    private final String text;

    Protocol(String text)
    {
        this.text = text;
    }

    /**
     * @param text a protocol as JSSE names it, such as {@code TLSv1.3}
     * @return the protocol of that name, if there is one
     */
    public static Optional<Protocol> of(String text)
    {
        return Arrays.stream(values()).filter(protocol -> protocol.text.equals(text)).findFirst();
    }

    /**
     * @return whether its sessions can be resumed by tickets here
     */
    public boolean hasTickets()
    {
        return this == TLS_1_2 || this == TLS_1_3;
    }

    /**
     * @return the name that JSSE gives it
     */
    @Override
    public String toString()
    {
        return text;
    }
}
