package io.github.tlsresumption.openssl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SSLParameters;

/**
 * The settings of a connection in JSSE's names, and what they are for the library. A setting that cannot be honoured is refused with an
 * {@link IllegalArgumentException} that names it. Not thread-safe.
 */
final class TlsSettings
{
    private final Supported supported;
    private List<String> protocols = List.copyOf(Supported.PROTOCOLS.keySet());
    private Supported.Suites suites;
    private List<String> groups;
    private SSLParameters other = new SSLParameters();

    /**
     * The defaults: both protocols, all suites that are forward-secret, all groups.
     */
    TlsSettings(Supported supported)
    {
        this.supported = supported;
        suites = supported.suites(supported.defaultSuites());
        other.setUseCipherSuitesOrder(true);
    }

    List<String> protocols()
    {
        return protocols;
    }

    void protocols(String[] names)
    {
        protocols = supported.known("protocol", Arrays.asList(names), Supported.PROTOCOLS.keySet());
    }

    List<String> suites()
    {
        return suites.names();
    }

    void suites(String[] names)
    {
        suites = supported.suites(Arrays.asList(names));
    }

    boolean needClientAuth()
    {
        return other.getNeedClientAuth();
    }

    void needClientAuth(boolean need)
    {
        other.setNeedClientAuth(need);
    }

    boolean wantClientAuth()
    {
        return other.getWantClientAuth();
    }

    void wantClientAuth(boolean want)
    {
        other.setWantClientAuth(want);
    }

    int verifyMode()
    {
        if (needClientAuth())
        {
            return LibSsl.VERIFY_NEED;
        }
        return wantClientAuth() ? LibSsl.VERIFY_WANT : LibSsl.VERIFY_NONE;
    }

    /**
     * @return who says which hosts are served; empty for all
     */
    Collection<SNIMatcher> sniMatchers()
    {
        Collection<SNIMatcher> matchers = other.getSNIMatchers();
        return matchers == null ? List.of() : matchers;
    }

    /**
     * @return the protocols of ALPN, the preferred one first; empty for none
     */
    String[] applicationProtocols()
    {
        return other.getApplicationProtocols();
    }

    /**
     * @return a copy
     */
    SSLParameters parameters()
    {
        SSLParameters copy = copy(other);
        copy.setProtocols(protocols.toArray(String[]::new));
        copy.setCipherSuites(suites().toArray(String[]::new));
        copy.setNamedGroups(groups == null ? null : groups.toArray(String[]::new));
        return copy;
    }

    /**
     * @param parameters taken as {@link javax.net.ssl.SSLEngine#setSSLParameters} says: protocols and suites where they are not null
     */
    void parameters(SSLParameters parameters)
    {
        refuse(parameters.getAlgorithmConstraints() != null, "algorithm constraints");
        refuse(parameters.getSignatureSchemes() != null, "signature schemes");
        refuse(parameters.getMaximumPacketSize() != 0 && parameters.getMaximumPacketSize() < NativeSession.PACKET_BYTES,
            "a maximum packet size");
        List<String> newGroups = parameters.getNamedGroups() == null ? null : List.of(parameters.getNamedGroups());
        if (newGroups != null)
        {
            libraryGroups(newGroups);
        }
        if (parameters.getProtocols() != null)
        {
            protocols(parameters.getProtocols());
        }
        if (parameters.getCipherSuites() != null)
        {
            suites(parameters.getCipherSuites());
        }
        groups = newGroups;
        other = copy(parameters);
    }

    private static void refuse(boolean set, String what)
    {
        if (set)
        {
            throw new IllegalArgumentException("the native library cannot honour " + what);
        }
    }

    private static SSLParameters copy(SSLParameters from)
    {
        SSLParameters copy = new SSLParameters();
        if (from.getNeedClientAuth())
        {
            copy.setNeedClientAuth(true);
        }
        else
        {
            copy.setWantClientAuth(from.getWantClientAuth());
        }
        copy.setUseCipherSuitesOrder(from.getUseCipherSuitesOrder());
        copy.setApplicationProtocols(from.getApplicationProtocols());
        copy.setServerNames(from.getServerNames());
        copy.setSNIMatchers(from.getSNIMatchers());
        copy.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
        return copy;
    }

    private List<String> libraryGroups(List<String> names)
    {
        List<String> known = new ArrayList<>();
        for (String name : names)
        {
            known.add(supported.group(name).orElseThrow(() -> new IllegalArgumentException(
                "the group %s is not supported by %s".formatted(name, supported.library()))));
        }
        refuse(known.isEmpty(), "no groups at all");
        return known;
    }

    /**
     * @return the suites of TLS 1.2 that may be chosen
     */
    List<CipherSuite> tls12Suites()
    {
        return suites.tls12();
    }

    /**
     * @param version as on the wire
     * @return whether it may be negotiated: it is enabled, and one of its suites is
     */
    boolean allows(int version)
    {
        return protocols.contains(Supported.protocol(version)) && (version == Supported.TLS13 ? suites.tls13() : !suites.tls12().isEmpty());
    }

    /**
     * @return what the library's context depends on
     */
    Key key()
    {
        return new Key(protocols, suites(), groups, other.getUseCipherSuitesOrder());
    }

    /**
     * @param tickets how many a handshake of TLS 1.3 issues
     * @param authorities names of certificate authorities, of which clients are asked for certificates
     * @return what the library is told
     * @throws IllegalArgumentException when it cannot be told
     */
    ContextOptions options(int tickets, List<byte[]> authorities)
    {
        List<String> tls12 = tls12Suites().stream().map(CipherSuite::name).toList();
        List<Integer> versions = Supported.PROTOCOLS.values().stream().filter(this::allows).toList();
        refuse(versions.isEmpty(), "protocols without a cipher suite: protocols " + protocols + ", cipher suites " + suites());
        refuse(allows(Supported.TLS13) && !suites().containsAll(Supported.TLS13_SUITES),
            "TLS 1.3 without one of its cipher suites " + Supported.TLS13_SUITES + ": enable all of them, or disable TLSv1.3");
        List<String> chosen = groups == null ? supported.groups() : libraryGroups(groups);
        return new ContextOptions(versions.stream().min(Integer::compare).orElseThrow(),
            versions.stream().max(Integer::compare).orElseThrow(), allows(Supported.TLS12) ? tls12 : List.of(),
            other.getUseCipherSuitesOrder(), chosen, tickets, authorities);
    }

    /**
     * The settings that a context of the library has for all its connections.
     */
    record Key(List<String> protocols, List<String> suites, List<String> groups, boolean serverPreference)
    {
    }
}
