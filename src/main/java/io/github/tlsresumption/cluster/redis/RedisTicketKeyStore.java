package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingCodec;
import io.github.tlsresumption.keys.TicketKeyRingFormatException;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import redis.clients.jedis.Protocol.Command;

/**
 * Keeps the ring in a hash of Redis: {@code ring}, the bytes of {@link TicketKeyRingCodec} under the cluster's passphrase;
 * {@code version}; and {@code stamp}, a random number for each write. A channel has the name of the hash. Must be asked at the primary:
 * a replica lags behind.
 */
final class RedisTicketKeyStore implements TicketKeyStore
{
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);
    private static final int STAMP_BYTES = 16;

    private static final String COMPARE_AND_SET = """
        local version = redis.call('HGET', KEYS[1], 'version') or '0'
        if version ~= ARGV[1] then
          return 0
        end
        redis.call('HSET', KEYS[1], 'version', ARGV[2], 'stamp', ARGV[3], 'ring', ARGV[4])
        redis.pcall('PUBLISH', KEYS[1], '')
        return 1
        """;

    private final RedisClient redis;
    private final String key;
    private final String place;
    private final RedisNotices notices;
    private final TicketKeyRingCodec codec;

    /**
     * @param redis not closed by the store
     * @param key of the hash, and the channel
     * @param place where Redis is, for messages
     * @param notices of that channel, not closed by the store
     * @param passphrase gives it in a new array at each call
     */
    RedisTicketKeyStore(RedisClient redis, String key, String place, RedisNotices notices, Supplier<char[]> passphrase)
    {
        this.redis = redis;
        this.key = key;
        this.place = place;
        this.notices = notices;
        this.codec = TicketKeyRingCodec.encrypted(passphrase);
    }

    @Override
    public Optional<TicketKeyRing> load() throws TicketKeyStoreException
    {
        byte[] bytes = (byte[])ask(Command.HGET, key, "ring");
        try
        {
            return bytes == null ? Optional.empty() : Optional.of(codec.decode(bytes));
        }
        catch (TicketKeyRingFormatException x)
        {
            throw unusable(x);
        }
        catch (RuntimeException x)
        {
            throw withoutPassphrase(x);
        }
    }

    @Override
    public boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException
    {
        if (ring.version() <= expectedVersion)
            throw new IllegalArgumentException("ring version " + ring.version() + " is to replace version " + expectedVersion);
        byte[] bytes = encode(ring);
        try
        {
            String stamp = HexFormat.of().formatHex(Random.bytes(STAMP_BYTES));
            Object stored = redis.eval(COMPARE_AND_SET, List.of(key), List.of(expectedVersion, ring.version(), stamp, bytes));
            return stored.equals(1L);
        }
        catch (IOException x)
        {
            throw failed(x);
        }
    }

    @Override
    public String stamp() throws TicketKeyStoreException
    {
        try
        {
            redis.requirePrimary();
        }
        catch (IOException x)
        {
            throw failed(x);
        }
        return RedisClient.text(ask(Command.HGET, key, "stamp"));
    }

    private Object ask(Command command, Object... arguments) throws TicketKeyStoreException
    {
        try
        {
            return redis.call(command, arguments);
        }
        catch (IOException x)
        {
            throw failed(x);
        }
    }

    private byte[] encode(TicketKeyRing ring) throws TicketKeyStoreException
    {
        try
        {
            return codec.encode(ring);
        }
        catch (RuntimeException x)
        {
            throw withoutPassphrase(x);
        }
    }

    private TicketKeyStoreException unusable(TicketKeyRingFormatException cause)
    {
        String mend = switch (cause.reason())
        {
            case WRONG_PASSPHRASE -> "set the same jetty.tlsResumption.ticketKeyPassphrase in all nodes, or ";
            case UNKNOWN_FORMAT -> "run the release that wrote it, or a later one, or ";
            case ENCRYPTED, NOT_ENCRYPTED, CORRUPT, UNFIT_KEYS -> "";
        };
        return new TicketKeyStoreException(Kind.REFUSED, "the ticket keys in " + describe() + " cannot be used: " + cause.getMessage() +
            ". They are kept as they are. What to do: " + mend + "DEL " + key + " in Redis (a running server then writes its keys anew; " +
            "without one every session needs one full handshake)", cause);
    }

    private TicketKeyStoreException withoutPassphrase(RuntimeException cause)
    {
        return new TicketKeyStoreException(Kind.REFUSED, "the ticket keys in " + describe() + " cannot be used: " + cause.getMessage(),
            cause);
    }

    private static TicketKeyStoreException failed(IOException cause)
    {
        return new TicketKeyStoreException(RedisClient.isRefused(cause) ? Kind.REFUSED : Kind.UNAVAILABLE, cause.getMessage(), cause);
    }

    @Override
    public Duration pollInterval()
    {
        return POLL_INTERVAL;
    }

    @Override
    public void listen(Runnable news)
    {
        notices.start(key, news);
    }

    /**
     * @return two polls of the others, and one more for what they do then
     */
    @Override
    public Duration settling()
    {
        return POLL_INTERVAL.multipliedBy(3);
    }

    @Override
    public boolean shared()
    {
        return true;
    }

    @Override
    public boolean persistent()
    {
        return true;
    }

    @Override
    public String describe()
    {
        return place + " (encrypted)";
    }

    /**
     * Overwrites the key derived from the passphrase, and ends notices.
     */
    @Override
    public void close()
    {
        notices.stop(key);
        codec.close();
    }
}
