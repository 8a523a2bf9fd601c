package io.github.tlsresumption.policy;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.OptionalLong;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.crypto.Hmac;

/**
 * Names clients, principals and rules by keyed hashes of 64 bits, so that nothing about them is to be read in a ticket or a store.
 * A client is the key of its certificate; without one it is its address, or the network of a given prefix around it.
 * Thread-safe.
 */
public final class ClientIdentities
{
    /**
     * Stands for no one: what has no identity, or cannot be named because there is no key.
     */
    public static final long NONE = 0;

    private static final long RULE_TAG = 0x72_75_6C_65_00_00_00_00L;
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    private final Supplier<byte[]> key;
    private final int ipv4Prefix;
    private final int ipv6Prefix;

    /**
     * @param key gives the key of the hashes, the same on all nodes; no bytes when there is none yet
     * @param ipv4Prefix how many bits of an IPv4 address tell clients apart, 0 to 32
     * @param ipv6Prefix how many bits of an IPv6 address tell clients apart, 0 to 128
     * @throws IllegalArgumentException when a prefix is out of bounds
     */
    public ClientIdentities(Supplier<byte[]> key, int ipv4Prefix, int ipv6Prefix)
    {
        requirePrefix("jetty.tlsResumption.client.ipv4Prefix", ipv4Prefix, IPV4_BITS);
        requirePrefix("jetty.tlsResumption.client.ipv6Prefix", ipv6Prefix, IPV6_BITS);
        this.key = key;
        this.ipv4Prefix = ipv4Prefix;
        this.ipv6Prefix = ipv6Prefix;
    }

    private static void requirePrefix(String setting, int prefix, int bits)
    {
        if (prefix < 0 || prefix > bits)
        {
            throw new IllegalArgumentException(setting + " is " + prefix + ": set 0 to " + bits);
        }
    }

    /**
     * @param client a client
     * @return its name, or {@link #NONE} when it has neither certificate nor address
     */
    public long of(Client client)
    {
        return client.certificates().isEmpty()
            ? client.remoteHost().map(this::address).orElse(OptionalLong.empty()).orElse(NONE)
            : certificate(client.certificates().get(0));
    }

    /**
     * @param client the address of a client without certificate, or SHA-256 of the SubjectPublicKeyInfo of a client's certificate:
     * {@code sha256/} with base64, or {@code sha256:} with hexadecimal digits
     * @return the client's name
     * @throws IllegalArgumentException when it is neither
     */
    public long parse(String client)
    {
        OptionalLong address = address(client);
        return address.isPresent()
            ? address.getAsLong()
            : publicKey(Fingerprint.parse(client).orElseThrow(() -> new IllegalArgumentException("no client '" + client
                + "': use an IP address, or of a certificate's key " + Fingerprint.USAGE)));
    }

    /**
     * @param certificate a client's own certificate
     * @return the name of whoever has its key
     */
    public long certificate(X509Certificate certificate)
    {
        return publicKey(Digests.fingerprint(certificate.getPublicKey().getEncoded()));
    }

    /**
     * @param fingerprint SHA-256 of a SubjectPublicKeyInfo (RFC 7469 section 2.4), 32 bytes
     * @return the name of whoever has that key
     */
    public long publicKey(byte[] fingerprint)
    {
        return hash("public key", fingerprint);
    }

    /**
     * @param address an IP address as text
     * @return the name of the clients without certificate there, or empty when the text is no address
     */
    public OptionalLong address(String address)
    {
        return Network.address(address)
            .map(bytes -> OptionalLong.of(hash("address",
                Network.masked(bytes, bytes.length * Byte.SIZE == IPV4_BITS ? ipv4Prefix : ipv6Prefix))))
            .orElse(OptionalLong.empty());
    }

    /**
     * @param name of a user, as an application gives it
     * @return the name of that principal
     */
    public long principal(String name)
    {
        return hash("principal", name.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @param rule the name of a rule
     * @return the name of the clients whose terms come from it, in 32 bits since a ticket has no room for more; 0 when the name is empty
     */
    public int rule(String rule)
    {
        if (rule.isEmpty())
        {
            return 0;
        }
        long hash = hash("rule", rule.getBytes(StandardCharsets.UTF_8));
        int half = (int)hash;
        return hash == NONE || half != 0 ? half : 1;
    }

    /**
     * @param rule what {@link #rule} gave
     * @return the same in 64 bits, to stand beside the names of clients; {@link #NONE} for 0
     */
    public static long ofRule(int rule)
    {
        return rule == 0 ? NONE : RULE_TAG | Integer.toUnsignedLong(rule);
    }

    private long hash(String kind, byte[] value)
    {
        byte[] secret = key.get();
        if (secret.length == 0)
        {
            return NONE;
        }
        long hash = Hmac.sha256ToLong(secret, kind, value);
        return hash == NONE ? 1 : hash;
    }
}
