package io.github.tlsresumption.cluster.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import redis.clients.jedis.HostAndPort;

/**
 * Where a Redis is, and how to log in to it. Immutable.
 */
final class RedisAddress
{
    /**
     * What is at the hosts.
     */
    enum Kind
    {
        /** The Redis itself, one. */
        PRIMARY("", 6379),
        /** Sentinels, which know where it is. */
        SENTINEL("-sentinel", 26379),
        /** Nodes of a Redis Cluster. */
        CLUSTER("-cluster", 6379);

        private final String suffix;
        private final int port;

        Kind(String suffix, int port)
        {
            this.suffix = suffix;
            this.port = port;
        }
    }

    private static final Pattern URI_FORM = Pattern.compile("redis(?<tls>s?)(?<kind>|-sentinel|-cluster)://"
        + "(?:(?<login>[\\x21-\\x7e&&[^@/?#]]*)@)?(?<hosts>[^@/?#\\s]+)(?:/(?<database>\\d{0,4}))?(?:\\?master=(?<master>[\\w.-]+))?");

    private final Kind kind;
    private final boolean tls;
    private final List<HostAndPort> hosts;
    private final int database;
    private final String master;
    private final String user;
    private final String password;

    private RedisAddress(Matcher form) throws URISyntaxException
    {
        this.tls = !form.group("tls").isEmpty();
        this.kind = kind(form.group("kind"));
        List<HostAndPort> all = new ArrayList<>();
        for (String host : form.group("hosts").split(",", -1))
        {
            all.add(host(host, kind.port));
        }
        this.hosts = List.copyOf(all);
        String number = form.group("database");
        this.database = number == null || number.isEmpty() ? 0 : Integer.parseInt(number);
        this.master = form.group("master");
        String login = form.group("login");
        int colon = login == null ? -1 : login.indexOf(':');
        this.user = colon <= 0 ? null : decode(login.substring(0, colon));
        this.password = colon < 0 ? null : decode(login.substring(colon + 1));
        boolean fits = switch (kind)
        {
            case PRIMARY -> hosts.size() == 1 && master == null;
            case SENTINEL -> master != null;
            case CLUSTER -> master == null && database == 0;
        };
        if (!fits)
        {
            throw noAddress();
        }
    }

    /**
     * @param text as in {@link RedisStores#RedisStores}
     * @return that address
     * @throws IllegalArgumentException when it is none; without the text, which may have a password
     */
    static RedisAddress parse(String text)
    {
        if (text.isBlank())
        {
            throw new IllegalArgumentException("jetty.tlsResumption.redis.uri is not set: set it to where Redis is, the same on every "
                + "node, for example rediss://user:password@host:6379. There is no default any more; the one of earlier versions, "
                + "redis://localhost:6379, is a Redis that every user of this host may change, unless it has a password");
        }
        Matcher form = URI_FORM.matcher(text.strip());
        if (!form.matches())
        {
            throw noAddress();
        }
        try
        {
            return new RedisAddress(form);
        }
        catch (URISyntaxException | IllegalArgumentException e)
        {
            // Its message has the text.
            throw noAddress();
        }
    }

    private static Kind kind(String suffix)
    {
        for (Kind kind : Kind.values())
        {
            if (kind.suffix.equals(suffix))
            {
                return kind;
            }
        }
        throw noAddress();
    }

    private static HostAndPort host(String text, int defaultPort) throws URISyntaxException
    {
        URI uri = new URI("redis://" + text);
        if (uri.getHost() == null)
        {
            throw noAddress();
        }
        return new HostAndPort(uri.getHost(), uri.getPort() < 0 ? defaultPort : uri.getPort());
    }

    private static String decode(String text)
    {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException noAddress()
    {
        return new IllegalArgumentException("jetty.tlsResumption.redis.uri is not like redis://user:password@host:6379/0, "
            + "redis-sentinel://user:password@host1:26379,host2:26379/0?master=name or "
            + "redis-cluster://user:password@host1:6379,host2:6379, with rediss for redis where it is TLS (it is not shown, as it may "
            + "have a password; special characters of user and password are written as %XX)");
    }

    Kind kind()
    {
        return kind;
    }

    boolean tls()
    {
        return tls;
    }

    /**
     * @return one or more
     */
    List<HostAndPort> hosts()
    {
        return hosts;
    }

    int database()
    {
        return database;
    }

    /**
     * @return by which name Sentinels know the primary; null without them
     */
    String master()
    {
        return master;
    }

    /**
     * @return null for the default one
     */
    String user()
    {
        return user;
    }

    /**
     * @return null for none
     */
    String password()
    {
        return password;
    }

    /**
     * @return the address without user and password
     */
    @Override
    public String toString()
    {
        String all = hosts.stream().map(HostAndPort::toString).collect(Collectors.joining(","));
        return "redis" + (tls ? "s" : "") + kind.suffix + "://" + all + (kind == Kind.CLUSTER ? "" : "/" + database)
            + (master == null ? "" : "?master=" + master);
    }
}
