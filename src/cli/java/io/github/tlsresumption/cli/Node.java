package io.github.tlsresumption.cli;

import java.net.IDN;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server to look at.
 *
 * @param name as it was given
 * @param host a name or an address
 * @param port its port
 */
record Node(String name, String host, int port)
{
    private static final int HTTPS = 443;
    private static final Pattern FORM = Pattern.compile("\\[([0-9a-fA-F:.]+)](?::(\\d{1,5}))?|([^:\\[\\]\\s]+)(?::(\\d{1,5}))?");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /**
     * @param text {@code HOST}, {@code HOST:PORT}, {@code [IPv6]:PORT}
     * @throws IllegalArgumentException when it is none of them
     */
    static Node parse(String text)
    {
        Matcher form = FORM.matcher(text);
        if (!form.matches())
        {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
        }
        String host = form.group(1) == null ? form.group(3) : form.group(1);
        String digits = form.group(1) == null ? form.group(4) : form.group(2);
        int port = digits == null ? HTTPS : Integer.parseInt(digits);
        if (port < 1 || port > 65_535)
        {
            throw new IllegalArgumentException("'" + text + "' has no port from 1 to 65535");
        }
        return new Node(text, host, port);
    }

    /**
     * @return the host to name in handshakes, which is never an address (RFC 6066 section 3)
     */
    Optional<String> serverName()
    {
        return isAddress(host) ? Optional.empty() : Optional.of(IDN.toASCII(host));
    }

    static boolean isAddress(String host)
    {
        return host.contains(":") || IPV4.matcher(host).matches();
    }

    /**
     * @throws CannotException when there is no such host
     */
    InetSocketAddress address()
    {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved())
        {
            throw new CannotException("there is no host " + host);
        }
        return address;
    }

    @Override
    public String toString()
    {
        return name;
    }
}
