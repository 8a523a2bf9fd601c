package io.github.tlsresumption.policy;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Something that a client has or has not, by which the rules are found that may match it. Immutable.
 *
 * @param kind what it is
 * @param value its value, with {@code equals}
 */
record Trait(Kind kind, Object value)
{
    /**
     * The kinds of traits.
     */
    enum Kind
    {
        /** The host of the ClientHello. */
        HOST(facts -> facts.host().stream().toList()),
        /** That host without its first label, with the dot. */
        HOST_BELOW(facts -> facts.host().flatMap(Trait::below).stream().toList()),
        /** That there is no host. */
        NO_HOST(facts -> facts.host().isEmpty() ? List.of(true) : List.of()),
        /** A network that the client's address is of; see {@link Trait#network}. */
        NETWORK(facts -> List.of()),
        /** The subject of the client's own certificate. */
        SUBJECT(facts -> facts.certificate().map(X509Certificate::getSubjectX500Principal).stream().toList()),
        /** Its issuer. */
        ISSUER(facts -> facts.certificate().map(X509Certificate::getIssuerX500Principal).stream().toList()),
        /** The digest of its public key. */
        PUBLIC_KEY(facts -> List.of(ByteBuffer.wrap(facts.publicKeyDigest()))),
        /** One of its alternative names, a host. */
        DNS(facts -> facts.alternativeNames(Facts.DNS)),
        /** Such a host without its first label, with the dot. */
        DNS_BELOW(facts -> facts.alternativeNames(Facts.DNS).stream().flatMap(name -> below(name).stream()).toList()),
        /** Likewise, an e-mail address, the same in any case. */
        EMAIL(facts -> facts.alternativeNames(Facts.EMAIL).stream().map(Trait::folded).toList()),
        /** Likewise, a URI. */
        URI(facts -> facts.alternativeNames(Facts.URI)),
        /** Likewise, an IP address. */
        IP(facts -> facts.alternativeNames(Facts.IP).stream().flatMap(name -> Network.address(name).stream()).map(ByteBuffer::wrap)
            .toList());

        private final Function<Facts, List<?>> values;

        Kind(Function<Facts, List<?>> values)
        {
            this.values = values;
        }

        /**
         * @return the values that the client has, none for {@link #NETWORK}
         */
        List<?> of(Facts facts)
        {
            return values.apply(facts);
        }
    }

    /**
     * @param address 4 or 16 bytes
     * @param prefix how many bits, at most as many as it has
     * @return its network of that size
     */
    static Trait network(byte[] address, int prefix)
    {
        return new Trait(Kind.NETWORK, List.of(prefix, ByteBuffer.wrap(Network.masked(address, prefix))));
    }

    /**
     * @param network made by {@link #network}
     * @return how many bits it has
     */
    static int prefix(Trait network)
    {
        return (int)((List<?>)network.value()).get(0);
    }

    /**
     * @return what every host has that fits
     */
    static Trait host(HostPattern pattern)
    {
        return new Trait(pattern.wildcard() ? Kind.HOST_BELOW : Kind.HOST, pattern.name());
    }

    /**
     * @return what every certificate has that has an alternative name that fits
     */
    static Trait dns(HostPattern pattern)
    {
        return new Trait(pattern.wildcard() ? Kind.DNS_BELOW : Kind.DNS, pattern.name());
    }

    /**
     * @return what every certificate has that has that e-mail address, in any case
     */
    static Trait email(String address)
    {
        return new Trait(Kind.EMAIL, folded(address));
    }

    /** The same for two texts that are equal by {@link String#equalsIgnoreCase}, which not all are by {@link String#toLowerCase}. */
    private static String folded(String text)
    {
        char[] characters = text.toCharArray();
        for (int i = 0; i < characters.length; i++)
        {
            characters[i] = Character.toLowerCase(Character.toUpperCase(characters[i]));
        }
        return new String(characters);
    }

    private static Optional<String> below(String host)
    {
        int dot = host.indexOf('.');
        return dot < 0 ? Optional.empty() : Optional.of(host.substring(dot));
    }
}
