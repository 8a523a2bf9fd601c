package io.github.tlsresumption.policy;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.ticket.HostName;

/**
 * A client as conditions see it, for one question: each fact is worked out when the first condition asks for it, and
 * kept for the next. Not thread-safe.
 */
final class Facts
{
    /** Of a subject alternative name (RFC 5280 section 4.2.1.6): an e-mail address. */
    static final int EMAIL = 1;
    /** Likewise, a host name. */
    static final int DNS = 2;
    /** Likewise, a URI. */
    static final int URI = 6;
    /** Likewise, an IP address. */
    static final int IP = 7;

    private final Client client;
    private Optional<String> host;
    private Optional<byte[]> address;
    private byte[] publicKeyDigest;
    private Map<Integer, List<String>> alternativeNames;

    Facts(Client client)
    {
        this.client = client;
    }

    String protocol()
    {
        return client.protocol();
    }

    /**
     * @return the host of the ClientHello in its one form
     */
    Optional<String> host()
    {
        if (host == null)
        {
            host = client.serverName().map(HostName::of);
        }
        return host;
    }

    /**
     * @return the bytes of the client's address; empty when it is not known or not an IP literal
     */
    Optional<byte[]> address()
    {
        if (address == null)
        {
            address = client.remoteHost().flatMap(Network::address);
        }
        return address;
    }

    /**
     * @return the client's own certificate
     */
    Optional<X509Certificate> certificate()
    {
        return client.certificates().stream().findFirst();
    }

    /**
     * @return SHA-256 of the SubjectPublicKeyInfo of the client's own certificate (RFC 7469 section 2.4), or no bytes
     */
    byte[] publicKeyDigest()
    {
        if (publicKeyDigest == null)
        {
            publicKeyDigest = certificate().map(own -> Digests.fingerprint(own.getPublicKey().getEncoded())).orElse(new byte[0]);
        }
        return publicKeyDigest;
    }

    /**
     * @param type {@link #EMAIL}, {@link #DNS}, {@link #URI} or {@link #IP}
     * @return the names of that type in the client's own certificate, host names in lower case; none when they cannot be parsed
     */
    List<String> alternativeNames(int type)
    {
        if (alternativeNames == null)
        {
            alternativeNames = certificate().map(Facts::parseAlternativeNames).orElse(Map.of());
        }
        return alternativeNames.getOrDefault(type, List.of());
    }

    private static Map<Integer, List<String>> parseAlternativeNames(X509Certificate certificate)
    {
        Map<Integer, List<String>> names = new HashMap<>();
        try
        {
            Collection<List<?>> entries = certificate.getSubjectAlternativeNames();
            for (List<?> entry : entries == null ? List.<List<?>>of() : entries)
            {
                int type = (Integer)entry.get(0);
                if (entry.get(1) instanceof String name)
                {
                    names.computeIfAbsent(type, key -> new ArrayList<>()).add(type == DNS ? name.toLowerCase(Locale.ROOT) : name);
                }
            }
            return names;
        }
        catch (CertificateParsingException e)
        {
            return Map.of();
        }
    }
}
