package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.github.tlsresumption.cluster.BoundedThreads;
import io.github.tlsresumption.cluster.Circuit;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Asks a Redis over a few connections that it keeps. Who asks waits only so long for all that it takes: to find the primary, to
 * connect, to log in, to get the answer. Thread-safe.
 */
final class RedisClient implements AutoCloseable
{
    private static final Logger LOG = LoggerFactory.getLogger(RedisClient.class);
    private static final int PATIENT_STEPS = 3;
    /** A new connection takes several answers, and with TLS a handshake: more than there may be time for in one of ours. */
    private static final int WARM_CONNECTIONS = 8;
    /** What a burst has made beyond these. */
    private static final Duration IDLE = Duration.ofMinutes(1);
    private final RedisConnector connector;
    private final String name;
    private final Duration timeout;
    private final Duration step;
    private final Circuit circuit;
    private final BoundedThreads threads;
    private final ConnectionPool pool;
    // In a row.
    private final AtomicInteger timeouts;

    /**
     * @param connector makes connections
     * @param name for messages
     * @param timeout how long who asks waits
     * @param step how long a connection waits, to be made and for one answer; where it is longer than who asks waits, one slow answer
     * does not cost a connection
     * @param connections how many at the most
     * @param circuit says when not to ask
     */
    RedisClient(RedisConnector connector, String name, Duration timeout, Duration step, int connections, Circuit circuit)
    {
        this.connector = connector;
        this.name = name;
        this.timeout = timeout;
        this.step = step;
        this.circuit = circuit;
        this.timeouts = new AtomicInteger();
        // As many as connections, so that no thread waits for one.
        this.threads = new BoundedThreads("tls-resumption-redis", connections);
        GenericObjectPoolConfig<Connection> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(connections);
        config.setMaxIdle(connections);
        config.setMinIdle(Math.min(connections, WARM_CONNECTIONS));
        // Looked at by refresh() alone, and all of them.
        config.setTestWhileIdle(true);
        config.setNumTestsPerEvictionRun(-1);
        config.setMinEvictableIdleDuration(Duration.ofMillis(-1));
        config.setSoftMinEvictableIdleDuration(IDLE);
        config.setMaxWait(step);
        config.setJmxEnabled(false);
        this.pool = new ConnectionPool(new Connections(connector, step), config);
    }

    private RedisClient(RedisClient shared, Duration timeout)
    {
        this.connector = shared.connector;
        this.name = shared.name;
        this.timeout = timeout;
        this.step = shared.step;
        this.circuit = Circuit.none();
        this.threads = shared.threads;
        this.pool = shared.pool;
        this.timeouts = shared.timeouts;
    }

    /**
     * @return asks over the same connections, waits longer, and asks in any case; not to be closed
     */
    RedisClient patient()
    {
        return new RedisClient(this, step.multipliedBy(PATIENT_STEPS));
    }

    /**
     * Ends idle connections that are dead or do not lead to a primary any more, and makes new ones, so that a few are there for the next
     * questions. Waits for each answer as long as a connection does.
     *
     * @throws IOException when no connection can be made
     */
    void refresh() throws IOException
    {
        try
        {
            pool.evict();
            pool.preparePool();
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name + " was asked", e);
        }
        catch (Exception | LinkageError e)
        {
            throw new IOException(RedisFailures.message(name, e), e);
        }
    }

    /**
     * Asks in the time that who asks waits, also in a pause, which an answer ends.
     *
     * @param command that only reads
     * @param arguments of it
     * @throws IOException when none of a few questions has an answer in time
     */
    void probe(Command command, Object... arguments) throws IOException
    {
        RedisClient unpaused = new RedisClient(this, timeout);
        IOException failure = null;
        for (int attempt = 0; attempt < Circuit.FAILURES; attempt++)
        {
            try
            {
                unpaused.call(command, arguments);
                circuit.succeeded();
                return;
            }
            catch (IOException e)
            {
                failure = e;
            }
        }
        throw failure;
    }

    private static final class Connections extends BasePooledObjectFactory<Connection>
    {
        private final RedisConnector connector;
        private final Duration step;

        Connections(RedisConnector connector, Duration step)
        {
            this.connector = connector;
            this.step = step;
        }

        @Override
        public Connection create()
        {
            return connector.connect(step);
        }

        @Override
        public boolean validateObject(PooledObject<Connection> connection)
        {
            try
            {
                connector.requirePrimary(connection.getObject());
                return true;
            }
            catch (JedisException e)
            {
                LOG.debug("A connection is replaced", e);
                return false;
            }
        }

        @Override
        public PooledObject<Connection> wrap(Connection connection)
        {
            return new DefaultPooledObject<>(connection);
        }

        @Override
        public void destroyObject(PooledObject<Connection> connection) throws IOException
        {
            connection.getObject().forceDisconnect();
        }
    }

    /**
     * @param command any command
     * @param arguments of it: byte arrays, texts, numbers; none may be changed later
     * @return the answer: null, a byte array, a {@link Long}, or a list of answers
     * @throws IOException when there is no answer, or that it cannot be done
     */
    Object call(Command command, Object... arguments) throws IOException
    {
        return call(() -> new CommandArguments(command).addObjects(arguments));
    }

    /**
     * Runs a script, which nothing interrupts. Where a connection ends before the answer it may run twice.
     *
     * @param script in Lua
     * @param keys that it uses, byte arrays or texts
     * @param arguments of it, byte arrays, texts or numbers; none may be changed later
     * @return its answer, as from {@link #call(Command, Object...)}
     * @throws IOException when there is no answer, or that it cannot be done
     */
    Object eval(String script, List<?> keys, List<?> arguments) throws IOException
    {
        return call(() -> new CommandArguments(Command.EVAL).add(script).add(keys.size()).addObjects(keys).addObjects(arguments));
    }

    /**
     * Looks whether connections still lead to the primary: one may have become a replica, which goes on to answer what only reads.
     *
     * @throws IOException when they do not, or there is no answer; the next question looks for the primary
     */
    void requirePrimary() throws IOException
    {
        Object role;
        try
        {
            role = call(Command.ROLE);
        }
        catch (IOException e)
        {
            if (RedisFailures.isAnswer(e.getCause()))
            {
                // It may not be asked for.
                return;
            }
            throw e;
        }
        try
        {
            connector.requirePrimary(role);
        }
        catch (JedisException | LinkageError e)
        {
            pool.clear();
            throw new IOException(RedisFailures.message(name, e), e);
        }
    }

    private Object call(Supplier<CommandArguments> command) throws IOException
    {
        if (!circuit.allows())
        {
            throw new IOException(name + " is not asked for a moment, since it did not answer");
        }
        try
        {
            Object answer = threads.call(() -> ask(command.get()), timeout);
            circuit.succeeded();
            return answer;
        }
        catch (ExecutionException e)
        {
            Throwable cause = e.getCause();
            if (RedisFailures.isAnswer(cause) && !(cause instanceof JedisAccessControlException))
            {
                circuit.succeeded();
            }
            else
            {
                circuit.failed();
            }
            throw new IOException(RedisFailures.message(name, cause), cause);
        }
        catch (TimeoutException e)
        {
            circuit.failed();
            throw new IOException(name + " is not usable: no answer within " + timeout.toMillis() + " ms", e);
        }
        catch (RejectedExecutionException e)
        {
            // Not Redis' fault, as far as one knows.
            throw new IOException(name + " was not asked: too many questions at a time, or it is closed", e);
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name + " was asked", e);
        }
    }

    private Object ask(CommandArguments command)
    {
        try
        {
            return askOnce(command);
        }
        catch (JedisDataException e)
        {
            if (!RedisFailures.isElsewhere(e))
            {
                throw e;
            }
            // It has done nothing there.
            return askOnce(command);
        }
        catch (JedisConnectionException e)
        {
            if (RedisFailures.isTimeout(e))
            {
                throw e;
            }
            // Redis ends connections that are idle, and all of them with a restart, which only the next question notices. Whatever was
            // done all the same may be done twice.
            return askOnce(command);
        }
    }

    private Object askOnce(CommandArguments command)
    {
        try (Connection connection = pool.getResource())
        {
            return askOnce(connection, command);
        }
        catch (JedisConnectionException e)
        {
            // The others have met the same end, most likely. After one timeout that is not likely.
            if (!RedisFailures.isTimeout(e) || timeouts.incrementAndGet() >= Circuit.FAILURES)
            {
                timeouts.set(0);
                pool.clear();
            }
            throw e;
        }
    }

    private Object askOnce(Connection connection, CommandArguments command)
    {
        try
        {
            Object answer = connection.executeCommand(command);
            timeouts.set(0);
            return answer;
        }
        catch (JedisDataException e)
        {
            if (RedisFailures.isElsewhere(e))
            {
                connection.setBroken();
                pool.clear();
            }
            throw e;
        }
    }

    static String text(Object answer)
    {
        return answer == null ? "" : new String((byte[])answer, StandardCharsets.UTF_8);
    }

    @Override
    public void close()
    {
        threads.close();
        pool.close();
    }
}
