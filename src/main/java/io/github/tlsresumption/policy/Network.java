package io.github.tlsresumption.policy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IP addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3), or one address. No name is ever
 * looked up. An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is the IPv4 address. Immutable.
 */
final class Network
{
    private static final int IPV4_BYTES = 4;
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    // What has these characters only, and a colon, is taken for a literal or refused; anything else might be looked up.
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
    private static final Pattern PREFIX = Pattern.compile("0|[1-9]\\d{0,2}");

    private final byte[] address;
    private final int prefix;

    private Network(byte[] address, int prefix)
    {
        this.address = address;
        this.prefix = prefix;
    }

    /**
     * @param text such as {@code 10.0.0.0/8}, {@code 2001:db8::/32}, {@code 192.0.2.1}
     * @return the network
     * @throws IllegalArgumentException when it is none, or has bits beyond the prefix; the message says what to write
     */
    static Network parse(String text)
    {
        int slash = text.indexOf('/');
        String start = slash < 0 ? text : text.substring(0, slash);
        // A zone means something on one machine only.
        byte[] address = address(start).filter(bytes -> start.indexOf('%') < 0)
            .orElseThrow(() -> new IllegalArgumentException("bad network " + RulesException.quote(text)
                + ": use an address or ADDRESS/PREFIX, such as 10.0.0.0/8 or 2001:db8::/32"));
        int bits = address.length * Byte.SIZE;
        if (slash < 0)
        {
            return new Network(address, bits);
        }
        if (address.length == IPV4_BYTES && start.indexOf(':') >= 0)
        {
            throw new IllegalArgumentException("bad network " + RulesException.quote(text) + ": IPv4-mapped addresses count as IPv4, "
                + "so write it as such, like 10.0.0.0/8");
        }
        String length = text.substring(slash + 1);
        if (!PREFIX.matcher(length).matches() || Integer.parseInt(length) > bits)
        {
            throw new IllegalArgumentException("bad network " + RulesException.quote(text) + ": the prefix of this address is a number "
                + "from 0 to " + bits);
        }
        int prefix = Integer.parseInt(length);
        byte[] first = masked(address, prefix);
        if (!Arrays.equals(first, address))
        {
            throw new IllegalArgumentException("bad network " + RulesException.quote(text) + ": it has bits beyond its prefix, use "
                + text(first) + "/" + prefix + ", or " + start + " for that address alone");
        }
        return new Network(address, prefix);
    }

    /**
     * @param text anything, such as {@code 192.0.2.1} or {@code fe80::1%eth0}, whose zone does not count
     * @return the 4 or 16 bytes, or empty when the text is no IP address
     */
    static Optional<byte[]> address(String text)
    {
        if (text.indexOf(':') < 0)
        {
            return ipv4(text);
        }
        String literal = text.indexOf('%') < 0 ? text : text.substring(0, text.indexOf('%'));
        if (!IPV6.matcher(literal).matches())
        {
            return Optional.empty();
        }
        try
        {
            // Brackets forbid a look-up, whatever is between them.
            return Optional.of(InetAddress.getByName("[" + literal + "]").getAddress());
        }
        catch (UnknownHostException e)
        {
            return Optional.empty();
        }
    }

    /*
     * InetAddress would also take 10.1 and 010.0.0.1, which others read otherwise.
     */
    private static Optional<byte[]> ipv4(String text)
    {
        Matcher matcher = IPV4.matcher(text);
        if (!matcher.matches())
        {
            return Optional.empty();
        }
        byte[] address = new byte[IPV4_BYTES];
        for (int i = 0; i < IPV4_BYTES; i++)
        {
            String digits = matcher.group(i + 1);
            int value = Integer.parseInt(digits);
            if (value > 0xFF || digits.length() > 1 && digits.charAt(0) == '0')
            {
                return Optional.empty();
            }
            address[i] = (byte)value;
        }
        return Optional.of(address);
    }

    /**
     * @param address 4 or 16 bytes
     * @param prefix how many bits to keep
     * @return the address with the others zero
     */
    static byte[] masked(byte[] address, int prefix)
    {
        byte[] result = new byte[address.length];
        for (int i = 0; i < address.length; i++)
        {
            result[i] = (byte)(address[i] & mask(prefix, i));
        }
        return result;
    }

    private static int mask(int prefix, int index)
    {
        int bits = Math.max(0, Math.min(Byte.SIZE, prefix - index * Byte.SIZE));
        return 0xFF00 >> bits;
    }

    private static String text(byte[] address)
    {
        try
        {
            return InetAddress.getByAddress(address).getHostAddress().replaceFirst("(?:^|:)(?:0(?::|$)){2,}", "::");
        }
        catch (UnknownHostException e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param candidate 4 or 16 bytes
     * @return whether the address is of this network; never across IPv4 and IPv6
     */
    boolean contains(byte[] candidate)
    {
        if (candidate.length != address.length)
        {
            return false;
        }
        for (int i = 0; i < address.length && i * Byte.SIZE < prefix; i++)
        {
            if (((candidate[i] ^ address[i]) & mask(prefix, i)) != 0)
            {
                return false;
            }
        }
        return true;
    }

    /**
     * @return what its addresses have
     */
    Trait trait()
    {
        return Trait.network(address, prefix);
    }

    @Override
    public String toString()
    {
        return text(address) + "/" + prefix;
    }
}
