package io.github.tlsresumption.cluster.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * Makes connections to the primary that has our keys: the one that is named, the one that Sentinels name at that moment, or the one
 * of a Redis Cluster that has the slot of our keys then. Thread-safe.
 */
final class RedisConnector
{
    private static final Logger LOG = LoggerFactory.getLogger(RedisConnector.class);

    private final RedisAddress address;
    private final String key;
    private final SslOptions trust;
    // Whom to ask first: who answered last.
    private volatile HostAndPort preferred;

    /**
     * @param address where Redis is
     * @param key any of our keys, which are all in one slot
     * @param trust whom it trusts, when it is TLS
     */
    RedisConnector(RedisAddress address, String key, SslOptions trust)
    {
        this.address = address;
        this.key = key;
        this.trust = trust;
    }

    /**
     * @param timeout of each step: to connect, and for each answer
     * @return a new connection, to a primary as far as it says
     * @throws JedisException when there is none
     */
    Connection connect(Duration timeout)
    {
        Connection connection = switch (address.kind())
        {
            case PRIMARY -> open(address.hosts().get(0), timeout);
            case SENTINEL -> firstOf(sentinel -> open(askSentinel(sentinel, timeout), timeout));
            case CLUSTER -> firstOf(node -> follow(node, timeout));
        };
        return checked(connection, this::requirePrimary);
    }

    private Connection firstOf(Function<HostAndPort, Connection> way)
    {
        List<HostAndPort> hosts = new ArrayList<>(address.hosts());
        HostAndPort first = preferred;
        if (first != null)
        {
            hosts.remove(first);
            hosts.add(0, first);
        }
        JedisException failure = null;
        for (HostAndPort host : hosts)
        {
            try
            {
                Connection connection = way.apply(host);
                preferred = host;
                return connection;
            }
            catch (JedisException e)
            {
                LOG.debug("Not by {}", host, e);
                failure = e;
            }
        }
        throw failure;
    }

    private Connection open(HostAndPort server, Duration timeout)
    {
        return new Connection(server, config(timeout, true, address.database()));
    }

    private HostAndPort askSentinel(HostAndPort sentinel, Duration timeout)
    {
        try
        {
            return askSentinel(sentinel, config(timeout, false, 0));
        }
        catch (JedisAccessControlException e)
        {
            return askSentinel(sentinel, config(timeout, true, 0));
        }
    }

    private HostAndPort askSentinel(HostAndPort sentinel, JedisClientConfig config)
    {
        try (Connection connection = new Connection(sentinel, config))
        {
            connection.sendCommand(Command.SENTINEL, "GET-MASTER-ADDR-BY-NAME", address.master());
            List<?> hostAndPort = (List<?>)connection.getOne();
            if (hostAndPort == null)
            {
                throw new JedisConnectionException("the Sentinel at " + sentinel + " knows no master '" + address.master() + "'");
            }
            return new HostAndPort(RedisClient.text(hostAndPort.get(0)), Integer.parseInt(RedisClient.text(hostAndPort.get(1))));
        }
    }

    private Connection follow(HostAndPort node, Duration timeout)
    {
        Connection connection = open(node, timeout);
        HostAndPort owner;
        try
        {
            // Any command with a key does; this one is among the rights that stores need.
            connection.sendCommand(Command.PTTL, key);
            connection.getOne();
            return connection;
        }
        catch (JedisAskDataException e)
        {
            // The slot moves, and is this node's as yet.
            return connection;
        }
        catch (JedisMovedDataException e)
        {
            connection.close();
            owner = e.getTargetNode();
        }
        catch (JedisException e)
        {
            connection.close();
            throw e;
        }
        // A node that does not know the other one's name leaves it out: it is its own.
        return open(owner.getHost().isEmpty() ? new HostAndPort(node.getHost(), owner.getPort()) : owner, timeout);
    }

    private interface Check
    {
        void run(Connection connection);
    }

    private static Connection checked(Connection connection, Check check)
    {
        try
        {
            check.run(connection);
            return connection;
        }
        catch (JedisException e)
        {
            connection.close();
            throw e;
        }
    }

    /**
     * @param connection asked for its role
     * @throws JedisException when it is not a primary's, or there is no answer
     */
    void requirePrimary(Connection connection)
    {
        try
        {
            connection.sendCommand(Command.ROLE);
            requirePrimary(connection.getOne());
        }
        catch (JedisDataException e)
        {
            // It may not be asked for: then the first write says so.
            LOG.debug("ROLE", e);
        }
    }

    /**
     * @param role the answer to ROLE
     * @throws JedisException when it is not a primary's
     */
    void requirePrimary(Object role)
    {
        List<?> answer = (List<?>)role;
        String name = RedisClient.text(answer.get(0));
        if ("slave".equals(name))
        {
            throw new JedisException("it is a replica of " + RedisClient.text(answer.get(1)) + ":" + answer.get(2) + switch (address.kind())
            {
                case PRIMARY -> ": name the primary in jetty.tlsResumption.redis.uri, or its Sentinels as redis-sentinel://";
                case SENTINEL, CLUSTER -> " now";
            });
        }
        if (!"master".equals(name))
        {
            throw new JedisException("it is a " + name + ": name a Redis in jetty.tlsResumption.redis.uri, or write redis-sentinel://");
        }
    }

    private JedisClientConfig config(Duration timeout, boolean login, int database)
    {
        int millis = Math.toIntExact(timeout.toMillis());
        DefaultJedisClientConfig.Builder builder = DefaultJedisClientConfig.builder()
            .resp2()
            .connectionTimeoutMillis(millis)
            .socketTimeoutMillis(millis)
            .user(login ? address.user() : null)
            .password(login ? address.password() : null)
            .database(database)
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
        if (address.tls())
        {
            builder.sslOptions(trust);
        }
        return builder.build();
    }
}
