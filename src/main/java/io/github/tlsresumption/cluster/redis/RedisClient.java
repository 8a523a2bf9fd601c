package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.github.tlsresumption.cluster.BoundedThreads;
import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.files.LibraryMismatch;
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
import redis.clients.jedis.exceptions.JedisMovedDataException;

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
    /**
     * Errors that say that someone else is, or will be, the primary. In a script's error they are further inside.
     */
    private static final Pattern ELSEWHERE = Pattern.compile("\\b(READONLY|MASTERDOWN|LOADING|CLUSTERDOWN)\\b");

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
            throw new IOException(message(e), e);
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
        catch (IOException x)
        {
            if (isAnswer(x.getCause()))
            {
                // It may not be asked for.
                return;
            }
            throw x;
        }
        try
        {
            connector.requirePrimary(role);
        }
        catch (JedisException | LinkageError e)
        {
            pool.clear();
            throw new IOException(message(e), e);
        }
    }

    private Object call(Supplier<CommandArguments> command) throws IOException
    {
        if (!circuit.allows())
            throw new IOException(name + " is not asked for a moment, since it did not answer");
        try
        {
            Object answer = threads.call(() -> ask(command.get()), timeout);
            circuit.succeeded();
            return answer;
        }
        catch (ExecutionException x)
        {
            Throwable cause = x.getCause();
            if (isAnswer(cause) && !(cause instanceof JedisAccessControlException))
                circuit.succeeded();
            else
                circuit.failed();
            throw new IOException(message(cause), cause);
        }
        catch (TimeoutException x)
        {
            circuit.failed();
            throw new IOException(name + " does not do its part: no answer within " + timeout.toMillis() + " ms", x);
        }
        catch (RejectedExecutionException x)
        {
            // Not Redis' fault, as far as one knows.
            throw new IOException(name + " was not asked: too many questions at a time, or it is closed", x);
        }
        catch (InterruptedException x)
        {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name + " was asked", x);
        }
    }

    private Object ask(CommandArguments command)
    {
        try
        {
            return askOnce(command);
        }
        catch (JedisDataException x)
        {
            if (!isElsewhere(x))
                throw x;
            // It has done nothing there.
            return askOnce(command);
        }
        catch (JedisConnectionException e)
        {
            if (isTimeout(e))
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
        catch (JedisConnectionException x)
        {
            // The others have met the same end, most likely. After one timeout that is not likely.
            if (!isTimeout(x) || timeouts.incrementAndGet() >= Circuit.FAILURES)
            {
                timeouts.set(0);
                pool.clear();
            }
            throw x;
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
        catch (JedisDataException x)
        {
            if (isElsewhere(x))
            {
                connection.setBroken();
                pool.clear();
            }
            throw x;
        }
    }

    private String message(Throwable cause)
    {
        Optional<String> mismatch = LibraryMismatch.explain(cause);
        if (mismatch.isPresent())
        {
            return name + " cannot be asked: " + mismatch.get();
        }
        Throwable root = cause;
        while (root.getCause() != null)
            root = root.getCause();
        String hint = root instanceof JedisMovedDataException ? ": write redis-cluster:// in jetty.tlsResumption.redis.uri" : "";
        return name + " does not do its part: " + (root.getMessage() == null ? root : root.getMessage()) + hint;
    }

    private static boolean isTimeout(Throwable thrown)
    {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause())
        {
            if (cause instanceof SocketTimeoutException)
                return true;
        }
        return false;
    }

    private static boolean isElsewhere(Throwable answer)
    {
        return answer instanceof JedisMovedDataException || answer.getMessage() != null && ELSEWHERE.matcher(answer.getMessage()).find();
    }

    private static boolean isAnswer(Throwable cause)
    {
        return cause instanceof JedisDataException && !isElsewhere(cause);
    }

    /**
     * @param failure from this client
     * @return whether Redis does not let us in, or not do that, or libraries do not fit together: an operator must mend it
     */
    static boolean isRefused(IOException failure)
    {
        if (LibraryMismatch.find(failure).isPresent())
        {
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause())
        {
            if (cause instanceof JedisAccessControlException)
                return true;
        }
        return false;
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
