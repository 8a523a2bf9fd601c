package io.github.tlsresumption;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.policy.ConnectorTerms;

/**
 * What must be the same in all connectors of a scope.
 *
 * @param terms the connector's own
 * @param rotation of the key ring
 * @param keys says where the ticket keys are; empty for memory
 * @param keyStore the type of that place, as {@code ticketKeyStore} names it
 * @param passphrase tells that of the ticket keys from others, see {@link PassphraseMark}; empty for none
 * @param forgetLog where it is kept who was forgotten; empty when that has no place of its own
 * @param maxSessions how many session keys there may be
 * @param ipv4Prefix how many bits of an IPv4 address tell clients apart
 * @param ipv6Prefix how many bits of an IPv6 address tell clients apart
 * @param maxForgotten how many may be on the forget list
 * @param maxPrincipals how many sessions may have a principal
 * @param clockSkew how far the clocks of nodes may be apart
 */
record ScopeSettings(ConnectorTerms terms, KeyRotation rotation, String keys, String keyStore, String passphrase, String forgetLog,
    long maxSessions, int ipv4Prefix, int ipv6Prefix, int maxForgotten, int maxPrincipals, Duration clockSkew)
{
    /** What the connectors that use the same ticket keys must have in common, whatever their scopes. */
    private static final Set<String> OF_KEYS = Set.of("rotation.sealPeriod", "rotation.lead", "rotation.lifetime", "ticketKeyStore",
        "ticketKeyPassphrase", "forgetLogFile", "client.ipv4Prefix", "client.ipv6Prefix");

    /**
     * @param scope the name that both have
     * @throws IllegalStateException when others are not the same
     */
    void requireSame(String scope, ScopeSettings other)
    {
        if (!equals(other))
        {
            throw new IllegalStateException("jetty.tlsResumption.scope is '" + scope + "' for two connectors with different settings ("
                + shown(differing(other)) + "): give each a scope of its own, or the same settings");
        }
    }

    /**
     * @throws IllegalStateException when others use the same ticket keys, but not in the same way
     */
    void requireSameUse(ScopeSettings other)
    {
        // Without a name the keys are in memory, and each scope has its own.
        if (keys.isEmpty() || !keys.equals(other.keys))
        {
            return;
        }
        Map<String, List<Object>> differing = differing(other);
        differing.keySet().retainAll(OF_KEYS);
        if (!differing.isEmpty())
        {
            String names = differing.keySet().stream().map(name -> "jetty.tlsResumption." + name).collect(Collectors.joining(" and "));
            throw new IllegalStateException("jetty.tlsResumption." + differing.keySet().iterator().next() + " differs for connectors that "
                + "share the ticket keys in " + keys + " (" + shown(differing) + "): set the same " + names + " in both"
                + (differing.containsKey("rotation.lifetime") ? " (its default is maxSessionDuration: set the longest)" : "")
                + ", or another jetty.tlsResumption.ticketKeyFile");
        }
    }

    private Map<String, List<Object>> differing(ScopeSettings other)
    {
        Map<String, List<Object>> values = new LinkedHashMap<>();
        values.put("mode", List.of(terms.mode(), other.terms.mode()));
        values.put("tls12Mode", List.of(terms.tls12Mode(), other.terms.tls12Mode()));
        values.put("tls12TicketMode", List.of(permission(terms), permission(other.terms)));
        values.put("maxSessionDuration", List.of(seconds(terms.maxDuration()), seconds(other.terms.maxDuration())));
        values.put("rotation.sealPeriod", List.of(seconds(rotation.sealPeriod()), seconds(other.rotation.sealPeriod())));
        values.put("rotation.lead", List.of(seconds(rotation.lead()), seconds(other.rotation.lead())));
        values.put("rotation.lifetime", List.of(seconds(rotation.lifetime()), seconds(other.rotation.lifetime())));
        values.put("ticket keys", List.of(place(keys), place(other.keys)));
        values.put("ticketKeyStore", List.of(keyStore, other.keyStore));
        boolean isSame = passphrase.equals(other.passphrase);
        values.put("ticketKeyPassphrase", List.of(secret(passphrase, "one"), isSame ? secret(passphrase, "one")
            : secret(other.passphrase, "another")));
        values.put("forgetLogFile", List.of(named(forgetLog), named(other.forgetLog)));
        values.put("maxCachedSessions", List.of(maxSessions, other.maxSessions));
        values.put("client.ipv4Prefix", List.of(ipv4Prefix, other.ipv4Prefix));
        values.put("client.ipv6Prefix", List.of(ipv6Prefix, other.ipv6Prefix));
        values.put("maxForgotten", List.of(maxForgotten, other.maxForgotten));
        values.put("maxPrincipals", List.of(maxPrincipals, other.maxPrincipals));
        values.put("clockSkew", List.of(seconds(clockSkew), seconds(other.clockSkew)));
        values.values().removeIf(both -> both.get(0).equals(both.get(1)));
        return values;
    }

    private static String shown(Map<String, List<Object>> differing)
    {
        return differing.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue().get(0) + " and " + entry.getValue().get(1))
            .collect(Collectors.joining(", "));
    }

    private static String secret(String mark, String shown)
    {
        return mark.isEmpty() ? "none" : shown;
    }

    private static String permission(ConnectorTerms terms)
    {
        return terms.tls12Tickets() ? "allow" : "forbid";
    }

    private static String seconds(Duration duration)
    {
        return duration.toSeconds() + " s";
    }

    private static String named(String file)
    {
        return file.isEmpty() ? "none" : file;
    }

    private static String place(String keys)
    {
        return keys.isEmpty() ? "in memory" : "in " + keys;
    }
}
