package io.github.tlsresumption.openssl;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import javax.net.ssl.SSLEngine;

/**
 * The protocols that a client offers by ALPN (RFC 7301 section 3.1), and the choice among them. Immutable.
 */
final class ApplicationProtocols
{
    private final Map<String, Integer> places;

    private ApplicationProtocols(Map<String, Integer> places)
    {
        this.places = places;
    }

    /**
     * @param list names, each behind its length; the library has found it well-formed
     */
    static ApplicationProtocols parse(byte[] list)
    {
        Map<String, Integer> places = new LinkedHashMap<>();
        for (int place = 0; place < list.length; place += 1 + Byte.toUnsignedInt(list[place]))
        {
            places.putIfAbsent(new String(list, place + 1, Byte.toUnsignedInt(list[place]), StandardCharsets.ISO_8859_1), place);
        }
        return new ApplicationProtocols(places);
    }

    /**
     * @return where in the list the name's length is
     */
    int placeOf(String name)
    {
        return places.get(name);
    }

    /**
     * By the engine's selector, or else by its list, in whose order the first is taken.
     *
     * @return one that is offered; or empty where this server goes on without
     * @throws SslCallbacks.RefusedProtocolException when there is none in common
     */
    Optional<String> choose(NativeSslEngine engine, TlsSettings settings)
    {
        BiFunction<SSLEngine, List<String>, String> selector = engine.getHandshakeApplicationProtocolSelector();
        if (selector != null)
        {
            return selected(selector.apply(engine, List.copyOf(places.keySet())));
        }
        String[] own = settings.applicationProtocols();
        if (own.length == 0)
        {
            return Optional.empty();
        }
        for (String name : own)
        {
            if (places.containsKey(name))
            {
                return Optional.of(name);
            }
        }
        throw new SslCallbacks.RefusedProtocolException();
    }

    /**
     * @param name none when it is empty, a refusal when it is null
     */
    private Optional<String> selected(String name)
    {
        if (name == null || !name.isEmpty() && !places.containsKey(name))
        {
            throw new SslCallbacks.RefusedProtocolException();
        }
        return Optional.of(name).filter(chosen -> !chosen.isEmpty());
    }
}
