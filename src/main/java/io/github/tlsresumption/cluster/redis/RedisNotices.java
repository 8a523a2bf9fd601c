package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.files.LibraryMismatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;

/**
 * Listens to channels of Redis, by one connection and one thread, as long as someone wants that. What it misses while it is not
 * connected it makes up for by a notice when it is again. Thread-safe.
 */
final class RedisNotices implements AutoCloseable
{
    private static final Logger LOG = LoggerFactory.getLogger(RedisNotices.class);
    private static final long PAUSE_MILLIS = 500;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /**
     * Beyond it the connection may be dead without either side knowing, so another one is made.
     */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final RedisConnector connector;
    private final String[] channels;
    private final Map<String, Runnable> listeners = new ConcurrentHashMap<>();
    private Listening listening;

    /**
     * @param connector makes connections
     * @param channels all that anyone may want
     */
    RedisNotices(RedisConnector connector, List<String> channels)
    {
        this.connector = connector;
        this.channels = channels.toArray(String[]::new);
    }

    /**
     * @param channel one of the channels
     * @param news is run after each message, and each time that it is connected
     */
    synchronized void start(String channel, Runnable news)
    {
        listeners.put(channel, news);
        if (listening == null)
        {
            listening = new Listening();
            Thread thread = new Thread(listening, "tls-resumption-redis-notices");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * @param channel that nobody listens to any more
     */
    synchronized void stop(String channel)
    {
        listeners.remove(channel);
        if (listeners.isEmpty() && listening != null)
        {
            listening.end();
            listening = null;
        }
    }

    @Override
    public synchronized void close()
    {
        for (String channel : channels)
        {
            stop(channel);
        }
    }

    private final class Listening implements Runnable
    {
        private final CountDownLatch ended = new CountDownLatch(1);
        private Connection connection;
        /** Of the listening thread. */
        private boolean warned;

        @Override
        public void run()
        {
            try
            {
                do
                {
                    listen();
                }
                while (!ended.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
            }
            catch (InterruptedException e)
            {
                LOG.debug("Interrupted: notices end", e);
            }
        }

        private void listen()
        {
            try (Connection current = connector.connect(CONNECT_TIMEOUT))
            {
                if (!use(current))
                {
                    return;
                }
                current.sendCommand(Command.SUBSCRIBE, channels);
                // Redis says so of each.
                for (String channel : channels)
                {
                    LOG.debug("{}: {}", channel, current.getOne());
                }
                current.setSoTimeout(Math.toIntExact(SILENCE.toMillis()));
                listeners.values().forEach(Runnable::run);
                while (ended.getCount() > 0)
                {
                    List<?> message = (List<?>)current.getUnflushedObject();
                    Runnable news = listeners.get(RedisClient.text(message.get(1)));
                    if (news != null)
                    {
                        news.run();
                    }
                }
            }
            catch (RuntimeException e)
            {
                LOG.debug("No notices: Redis is asked every second", e);
            }
            catch (LinkageError e)
            {
                if (!warned)
                {
                    LOG.warn("There are no notices of Redis, which is asked every second all the same: {}",
                        LibraryMismatch.explain(e).orElseThrow());
                }
                warned = true;
            }
        }

        private synchronized boolean use(Connection current)
        {
            connection = current;
            return ended.getCount() > 0;
        }

        synchronized void end()
        {
            ended.countDown();
            if (connection == null)
            {
                return;
            }
            try
            {
                connection.forceDisconnect();
            }
            catch (IOException e)
            {
                LOG.debug("Closing", e);
            }
        }
    }
}
