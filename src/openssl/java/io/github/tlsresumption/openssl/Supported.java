package io.github.tlsresumption.openssl;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a library can do, in JSSE's names. Thread-safe.
 */
final class Supported
{
    static final int TLS12 = 0x0303;
    static final int TLS13 = 0x0304;
    /** The library chooses among them by itself, and cannot be told to leave one out. */
    static final List<String> TLS13_SUITES =
        List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    /** By name, the preferred one first. */
    static final Map<String, Integer> PROTOCOLS = new LinkedHashMap<>();

    /** The first with a key share is chosen (RFC 8446 section 4.1.1). */
    private static final List<String> GROUPS = List.of("X25519MLKEM768", "x25519", "secp256r1", "secp384r1", "secp521r1");

    private final String library;
    private final Set<String> suites;
    private final List<String> defaultSuites;
    private final Map<String, CipherSuite> tls12Suites;
    private final Map<String, String> groups;
    /** A connector gives all its connections the same. */
    private volatile Suites last;

    static
    {
        PROTOCOLS.put("TLSv1.3", TLS13);
        PROTOCOLS.put("TLSv1.2", TLS12);
    }

    Supported(LibSsl lib)
    {
        library = lib.description();
        tls12Suites = new LinkedHashMap<>();
        lib.cipherSuites().forEach(suite -> tls12Suites.put(suite.name(), suite));
        suites = Stream.concat(TLS13_SUITES.stream(), tls12Suites.keySet().stream()).collect(Collectors.toCollection(LinkedHashSet::new));
        defaultSuites = suites.stream()
            .filter(name -> !tls12Suites.containsKey(name) || tls12Suites.get(name).isForwardSecret())
            .toList();
        groups = new LinkedHashMap<>();
        GROUPS.forEach(name -> lib.group(name).ifPresent(group -> groups.put(name, group)));
    }

    static String protocol(int version)
    {
        return version == TLS13 ? "TLSv1.3" : "TLSv1.2";
    }

    String library()
    {
        return library;
    }

    Set<String> suites()
    {
        return suites;
    }

    /**
     * @return those that are forward-secret
     */
    List<String> defaultSuites()
    {
        return defaultSuites;
    }

    /**
     * @param names cipher suites, the preferred one first
     * @return what they are for the library
     * @throws IllegalArgumentException when one is not supported; the message names it
     */
    Suites suites(List<String> names)
    {
        Suites known = last;
        if (known == null || !known.asked().equals(names))
        {
            List<String> enabled = known("cipher suite", names, suites);
            List<CipherSuite> tls12 = enabled.stream().filter(tls12Suites::containsKey).map(tls12Suites::get).toList();
            known = new Suites(List.copyOf(names), enabled, tls12, enabled.stream().anyMatch(TLS13_SUITES::contains));
            last = known;
        }
        return known;
    }

    /**
     * @param what the names are
     * @param names any
     * @param known those that are supported
     * @return the names without repetitions
     * @throws IllegalArgumentException when one is not supported; the message names it
     */
    List<String> known(String what, List<String> names, Set<String> known)
    {
        Set<String> wanted = new LinkedHashSet<>(names);
        for (String name : wanted)
        {
            if (!known.contains(name))
            {
                throw new IllegalArgumentException("the %s %s is not supported by %s".formatted(what, name, library));
            }
        }
        return List.copyOf(wanted);
    }

    /**
     * Cipher suites that are enabled.
     *
     * @param asked by which names, maybe with repetitions
     * @param names of all, the preferred one first
     * @param tls12 those for TLS 1.2
     * @param tls13 whether there are others
     */
    record Suites(List<String> asked, List<String> names, List<CipherSuite> tls12, boolean tls13)
    {
    }

    /**
     * @return the library's names of all groups that it has, the preferred one first
     */
    List<String> groups()
    {
        return List.copyOf(groups.values());
    }

    /**
     * @param name a group as JSSE names it
     * @return the library's name
     */
    Optional<String> group(String name)
    {
        return Optional.ofNullable(groups.get(name));
    }
}
