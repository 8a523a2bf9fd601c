package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.cluster.ClockWatch;
import io.github.tlsresumption.cluster.SealedRing;
import io.github.tlsresumption.cluster.SessionKeyCodec;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.settings.Setting;
import io.github.tlsresumption.settings.StartRefusals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.SslOptions;

/**
 * The stores of a cluster in Redis, 6.2 or later, or Valkey: in one primary, which is named or found by Sentinels, or in a Redis
 * Cluster, where all is in one slot. All nodes need the same prefix and passphrase. Nothing is asked before the stores are used, so a
 * node starts without Redis, and makes full handshakes until it is there. For one factory alone, and used again when that starts
 * again. Thread-safe; the setters are for before the start.
 */
public final class RedisStores implements SharedStores
{
    private static final Logger LOG = LoggerFactory.getLogger(RedisStores.class);
    private static final String URI = "jetty.tlsResumption.redis.uri";
    private static final String DEFAULT_PREFIX = "tls-resumption:";
    private static final long DEFAULT_TIMEOUT = 50;
    private static final long LONGEST_TIMEOUT = 10_000;
    private static final int HANDSHAKE_CONNECTIONS = 32;
    private static final int BACKGROUND_CONNECTIONS = 4;
    private static final String OFFSETS = """
        local now = redis.call('TIME')[1] * 1000
        for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[3]))) do
          redis.call('ZREM', KEYS[1], old)
        end
        for _, known in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          if string.sub(known, 1, #ARGV[1] + 1) == ARGV[1] .. ' ' then
            redis.call('ZREM', KEYS[1], known)
          end
        end
        redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1] .. ' ' .. ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return redis.call('ZRANGE', KEYS[1], 0, -1)
        """;
    private static final Pattern PREFIX = Pattern.compile("[\\x21-\\x7e]{1,64}");

    private static final Pattern HASH_TAG = Pattern.compile("^[^{]*\\{[^}]+}");

    /**
     * What a connection may take to be made, and each answer of Redis. What no handshake waits for may take some of these.
     */
    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(1);
    private static final int BACKGROUND_STEPS = 3;

    private final RedisAddress address;
    private final Supplier<char[]> passphrase;
    private String prefix = DEFAULT_PREFIX;
    private Duration timeout = Duration.ofMillis(DEFAULT_TIMEOUT);
    private RedisConnector connector;
    private RedisNotices notices;
    private RedisClient handshakes;
    private RedisClient background;

    /**
     * @param uri {@code redis://user:password@host:port/database};
     * {@code redis-sentinel://user:password@host1:26379,host2:26379/database?master=name}, of Sentinels, which are asked without user
     * and password first; or {@code redis-cluster://user:password@host1:port,host2:port}, of some nodes of a Redis Cluster; each with
     * {@code rediss} for TLS, which checks the certificate and its host; user, password, port and database may be left out
     * @param passphrase gives that which encrypts the ticket keys, in a new array at each call, which is empty when there is none
     * @throws IllegalArgumentException when it is no such URI; without showing it
     * @throws IllegalStateException when there is another version of Jedis on the class path, which does not fit
     */
    public RedisStores(String uri, Supplier<char[]> passphrase)
    {
        this(parse(uri), passphrase);
    }

    private RedisStores(RedisAddress address, Supplier<char[]> passphrase)
    {
        this.address = address;
        this.passphrase = passphrase;
    }

    private static RedisAddress parse(String uri)
    {
        try
        {
            return RedisAddress.parse(uri);
        }
        catch (IllegalArgumentException e)
        {
            throw StartRefusals.logged(e, URI);
        }
        catch (LinkageError e)
        {
            throw new IllegalStateException("Redis cannot be asked: " + LibraryMismatch.explain(e).orElseThrow(), e);
        }
    }

    /**
     * @param prefix of all keys and of the channel; the default is {@code tls-resumption:}
     * @throws IllegalArgumentException when it is not 1 to 64 characters of ASCII without spaces
     */
    public synchronized void setPrefix(String prefix)
    {
        if (!PREFIX.matcher(prefix).matches())
        {
            throw new IllegalArgumentException("jetty.tlsResumption.redis.prefix is '" + prefix
                + "': use 1 to 64 characters of ASCII, without spaces");
        }
        this.prefix = prefix;
    }

    /**
     * @param millis for how long a handshake waits for Redis, for all that an answer takes; the default is 50
     * @throws IllegalArgumentException when it is not 1 to 10000
     */
    public synchronized void setTimeout(long millis)
    {
        if (millis < 1 || millis > LONGEST_TIMEOUT)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.redis.timeout is " + millis + " milliseconds: set 1 to "
                + LONGEST_TIMEOUT);
        }
        this.timeout = Duration.ofMillis(millis);
    }

    /**
     * @param duration for how long a handshake waits for Redis, in milliseconds or with its unit, such as {@code 50ms}
     * @throws IllegalArgumentException when it is not 1 ms to 10 s
     * @see #setTimeout(long)
     */
    public void setTimeout(String duration)
    {
        setTimeout(Setting.REDIS_TIMEOUT.requireMillis(duration));
    }

    /**
     * Asks for the ticket keys, which needs the password, the right to read them, and that it is a primary.
     */
    @Override
    public void requireAccess(boolean ring) throws TicketKeyStoreException
    {
        TicketKeyStore asked = ring ? ticketKeyStore() : ring();
        try
        {
            asked.stamp();
        }
        catch (TicketKeyStoreException e)
        {
            if (e.kind() == TicketKeyStoreException.Kind.REFUSED)
            {
                Throwable root = e;
                while (root.getCause() != null)
                {
                    root = root.getCause();
                }
                throw new TicketKeyStoreException(e.kind(), URI + ": " + describe() + " does not let this node in (" + root.getMessage()
                    + "): correct user and password, or grant what docs/configuration.md lists", e);
            }
            LOG.debug("Redis does not answer", e);
        }
    }

    @Override
    public synchronized Optional<SharedStores> again()
    {
        RedisStores stores = new RedisStores(address, passphrase);
        stores.prefix = prefix;
        stores.timeout = timeout;
        return Optional.of(stores);
    }

    @Override
    public String setting()
    {
        return URI;
    }

    /**
     * @throws IllegalStateException when there is no passphrase
     */
    @Override
    public TicketKeyStore ticketKeyStore()
    {
        if (!SealedRing.isSet(passphrase))
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyPassphrase is not set, so that whoever reads " + describe()
                + ", or a backup of it, could resume every session and read recorded ones: set it, or .ticketKeyPassphraseFile, to the "
                + "same passphrase on every node");
        }
        return ring();
    }

    private synchronized TicketKeyStore ring()
    {
        SealedRing sealed = new SealedRing(passphrase, describe(), "DEL " + ringKey() + " in Redis");
        return new RedisTicketKeyStore(background(), ringKey(), describe(), notices(), sealed);
    }

    @Override
    public synchronized ForgetLog forgetLog(Duration longest, Duration clockSkew, Clock clock)
    {
        return new RedisForgetLog(background(), prefix(), describe(), notices(), longest, clockSkew, clock);
    }

    @Override
    public synchronized SessionKeyStore sessionKeyStore(Supplier<TicketKeyRing> ring, Clock clock)
    {
        if (handshakes == null)
        {
            handshakes = client(timeout, HANDSHAKE_CONNECTIONS, new Circuit(System::nanoTime));
        }
        return new RedisSessionKeyStore(handshakes, background(), prefix(), new SessionKeyCodec(ring, clock), clock);
    }

    @Override
    public synchronized Instant time() throws IOException
    {
        List<?> secondsAndMicros = (List<?>)background().call(Command.TIME);
        return Instant.ofEpochSecond(Long.parseLong(RedisClient.text(secondsAndMicros.get(0))),
            TimeUnit.MICROSECONDS.toNanos(Long.parseLong(RedisClient.text(secondsAndMicros.get(1)))));
    }

    /**
     * Keeps them in a sorted set, scored by the time at which they were told.
     */
    @Override
    public synchronized List<Duration> offsets(String node, Duration offset) throws IOException
    {
        List<?> told = (List<?>)background().eval(OFFSETS, List.of(prefix() + "clocks"),
            List.of(node, offset.toMillis(), ClockWatch.TOLD_FOR.toMillis()));
        List<Duration> offsets = new ArrayList<>();
        for (Object member : told)
        {
            String text = RedisClient.text(member);
            offsets.add(Duration.ofMillis(Long.parseLong(text.substring(text.indexOf(' ') + 1))));
        }
        return offsets;
    }

    private RedisClient background()
    {
        if (background == null)
        {
            background = client(step().multipliedBy(BACKGROUND_STEPS), BACKGROUND_CONNECTIONS, Circuit.none());
        }
        return background;
    }

    private RedisClient client(Duration patience, int connections, Circuit circuit)
    {
        return new RedisClient(connector(), describe(), patience, step(), connections, circuit);
    }

    private Duration step()
    {
        return timeout.compareTo(STEP_TIMEOUT) > 0 ? timeout : STEP_TIMEOUT;
    }

    private RedisConnector connector()
    {
        if (connector == null)
        {
            connector = new RedisConnector(address, ringKey(), SslOptions.defaults());
        }
        return connector;
    }

    private RedisNotices notices()
    {
        if (notices == null)
        {
            notices = new RedisNotices(connector(), List.of(ringKey(), RedisForgetLog.channel(prefix())));
        }
        return notices;
    }

    private String ringKey()
    {
        return prefix() + "ring";
    }

    /**
     * A Redis Cluster keeps keys together, as scripts need them, that have the same text in braces.
     */
    private String prefix()
    {
        if (address.kind() != RedisAddress.Kind.CLUSTER || HASH_TAG.matcher(prefix).find())
        {
            return prefix;
        }
        return prefix.endsWith(":") ? "{" + prefix.substring(0, prefix.length() - 1) + "}:" : "{" + prefix + "}";
    }

    @Override
    public synchronized String describe()
    {
        return "Redis at " + address + ", keys " + prefix() + "*";
    }

    @Override
    public synchronized void close()
    {
        if (notices != null)
        {
            notices.close();
        }
        if (handshakes != null)
        {
            handshakes.close();
        }
        if (background != null)
        {
            background.close();
        }
        notices = null;
        handshakes = null;
        background = null;
        connector = null;
    }
}
