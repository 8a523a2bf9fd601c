package io.github.tlsresumption.policy;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;

/**
 * The conditions that there are, by name. What their values have wrong is an {@link IllegalArgumentException} whose message
 * says what to write. Stateless.
 */
final class Conditions
{
    /** The name of the condition on client authentication. */
    static final String CERTIFICATE = "certificate";
    /** The name of the condition on the protocol. */
    static final String PROTOCOL = "protocol";
    /** The protocols that have a name here. */
    static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private static final String NONE = "none";

    private Conditions()
    {
    }

    /**
     * @param name the condition's name
     * @param value what is asked for
     * @return the condition
     * @throws IllegalArgumentException when there is no such condition, or no such value of it
     */
    static Condition parse(String name, String value)
    {
        return switch (name)
        {
            case CERTIFICATE -> certificate(value);
            case "certificate.subject" -> subject(distinguishedName(value));
            case "certificate.issuer" -> issuer(distinguishedName(value));
            case "certificate.san" -> anyOf(value, Conditions::alternativeName);
            case "certificate.spki" -> anyOf(value, Conditions::publicKey);
            case "network" -> anyOf(value, Conditions::network);
            case "host" -> anyOf(value, Conditions::host);
            case PROTOCOL -> anyOf(value, Conditions::protocol);
            default -> throw new IllegalArgumentException("unknown condition " + RulesException.quote(name) + ": use certificate, "
                + "certificate.subject, certificate.issuer, certificate.san, certificate.spki, network, host, protocol, "
                + "or the terms mode, maxDuration, singleUse");
        };
    }

    private static Condition anyOf(String value, Function<String, Condition> parser)
    {
        List<Condition> alternatives = Stream.of(value.split(",", -1))
            .map(String::strip)
            .map(parser)
            .toList();
        boolean known = alternatives.stream().noneMatch(alternative -> alternative.traits().isEmpty());
        Set<Trait> traits = known
            ? alternatives.stream().flatMap(alternative -> alternative.traits().stream()).collect(Collectors.toUnmodifiableSet())
            : Set.of();
        return Condition.of(traits, facts -> alternatives.stream().anyMatch(alternative -> alternative.matches(facts)));
    }

    private static Condition certificate(String value)
    {
        return switch (value)
        {
            case "any" -> facts -> facts.certificate().isPresent();
            case NONE -> facts -> facts.certificate().isEmpty();
            default -> throw new IllegalArgumentException("bad certificate " + RulesException.quote(value) + ": use any or none, or "
                + "certificate.subject, certificate.issuer, certificate.san, certificate.spki");
        };
    }

    private static Condition subject(X500Principal name)
    {
        return Condition.of(new Trait(Trait.Kind.SUBJECT, name),
            facts -> facts.certificate().isPresent() && facts.certificate().get().getSubjectX500Principal().equals(name));
    }

    /**
     * Of the client's own certificate alone: what else a client sends is not all proven. Behind a certificate that is trusted it may
     * put one of its own making.
     */
    private static Condition issuer(X500Principal name)
    {
        return Condition.of(new Trait(Trait.Kind.ISSUER, name),
            facts -> facts.certificate().isPresent() && facts.certificate().get().getIssuerX500Principal().equals(name));
    }

    private static X500Principal distinguishedName(String value)
    {
        try
        {
            return new X500Principal(value);
        }
        catch (IllegalArgumentException e)
        {
            throw new IllegalArgumentException("bad name " + RulesException.quote(value) + ": use an X.500 name as in RFC 2253, such as "
                + "\"CN=Admin CA, O=Example\" with the quotes", e);
        }
    }

    private static Condition alternativeName(String item)
    {
        int colon = item.indexOf(':');
        String value = item.substring(colon + 1);
        return switch (colon < 0 ? "" : item.substring(0, colon))
        {
            case "dns" ->
            {
                HostPattern pattern = HostPattern.parse(value);
                yield Condition.of(Trait.dns(pattern), facts -> facts.alternativeNames(Facts.DNS).stream().anyMatch(pattern::matches));
            }
            case "email" ->
            {
                String address = requireEmail(value);
                yield Condition.of(Trait.email(address),
                    facts -> facts.alternativeNames(Facts.EMAIL).stream().anyMatch(name -> sameMailbox(name, address)));
            }
            case "uri" ->
            {
                String uri = requireAbsolute(value);
                yield Condition.of(new Trait(Trait.Kind.URI, uri), facts -> facts.alternativeNames(Facts.URI).contains(uri));
            }
            case "ip" ->
            {
                byte[] address = Network.address(value).orElseThrow(() -> new IllegalArgumentException("bad address "
                    + RulesException.quote(value) + ": use one IP address, such as ip:192.0.2.1"));
                yield Condition.of(new Trait(Trait.Kind.IP, ByteBuffer.wrap(address)), facts -> facts.alternativeNames(Facts.IP).stream()
                    .map(Network::address).flatMap(Optional::stream).anyMatch(name -> Arrays.equals(name, address)));
            }
            default -> throw new IllegalArgumentException("bad alternative name " + RulesException.quote(item)
                + ": begin it with dns:, email:, uri: or ip:");
        };
    }

    private static String requireEmail(String value)
    {
        int at = value.lastIndexOf('@');
        if (at <= 0 || at == value.length() - 1)
        {
            throw new IllegalArgumentException("bad e-mail address " + RulesException.quote(value) + ": use email:NAME@HOST");
        }
        return value;
    }

    /*
     * RFC 5280 section 7.5: the part behind the at sign is a host name, in any case.
     */
    private static boolean sameMailbox(String left, String right)
    {
        int at = left.lastIndexOf('@');
        return at == right.lastIndexOf('@') && left.equalsIgnoreCase(right) && left.startsWith(right.substring(0, at + 1));
    }

    private static String requireAbsolute(String value)
    {
        try
        {
            if (new URI(value).isAbsolute())
            {
                return value;
            }
        }
        catch (URISyntaxException e)
        {
            throw new IllegalArgumentException("bad URI " + RulesException.quote(value) + ": " + e.getReason(), e);
        }
        throw new IllegalArgumentException("bad URI " + RulesException.quote(value) + ": use one with its scheme, as in the certificate");
    }

    private static Condition publicKey(String item)
    {
        byte[] digest = Fingerprint.parse(item).orElseThrow(() ->
            new IllegalArgumentException("bad fingerprint " + RulesException.quote(item) + ": use " + Fingerprint.USAGE));
        return Condition.of(new Trait(Trait.Kind.PUBLIC_KEY, ByteBuffer.wrap(digest)),
            facts -> Arrays.equals(digest, facts.publicKeyDigest()));
    }

    private static Condition network(String item)
    {
        Network network = Network.parse(item);
        return Condition.of(network.trait(), facts -> facts.address().isPresent() && network.contains(facts.address().get()));
    }

    private static Condition host(String item)
    {
        if (NONE.equals(item))
        {
            return Condition.of(new Trait(Trait.Kind.NO_HOST, true), facts -> facts.host().isEmpty());
        }
        HostPattern pattern = HostPattern.parse(item);
        return Condition.of(Trait.host(pattern), facts -> facts.host().isPresent() && pattern.matches(facts.host().get()));
    }

    private static Condition protocol(String item)
    {
        if (!PROTOCOLS.contains(item))
        {
            throw new IllegalArgumentException("unknown protocol " + RulesException.quote(item) + ": use TLSv1.2 or TLSv1.3");
        }
        return facts -> facts.protocol().equals(item);
    }
}
