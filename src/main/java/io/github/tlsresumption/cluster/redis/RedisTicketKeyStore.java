package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.cluster.SealedRing;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import redis.clients.jedis.Protocol.Command;

/**
 * Keeps the ring in a hash of Redis: {@code ring}, the bytes of {@link SealedRing};
 * {@code version}; and {@code stamp}, a random number for each write. A channel has the name of the hash. Must be asked at the primary:
 * a replica lags behind.
 */
final class RedisTicketKeyStore implements TicketKeyStore
{
    private static final int STAMP_BYTES = 16;

    private static final String COMPARE_AND_SET = """
        local version = redis.call('HGET', KEYS[1], 'version') or '0'
        if version == ARGV[2] and redis.call('HGET', KEYS[1], 'stamp') == ARGV[3] then
          return 1
        end
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
    private final SealedRing sealed;

    /**
     * @param redis not closed by the store
     * @param key of the hash, and the channel
     * @param place where Redis is, for messages
     * @param notices of that channel, not closed by the store
     * @param sealed reads and writes the ring; the store's to close
     */
    RedisTicketKeyStore(RedisClient redis, String key, String place, RedisNotices notices, SealedRing sealed)
    {
        this.redis = redis;
        this.key = key;
        this.place = place;
        this.notices = notices;
        this.sealed = sealed;
    }

    @Override
    public Optional<TicketKeyRing> load() throws TicketKeyStoreException
    {
        byte[] bytes = (byte[])ask(Command.HGET, key, "ring");
        return bytes == null ? Optional.empty() : Optional.of(sealed.decode(bytes));
    }

    @Override
    public boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException
    {
        ring.requireHigherThan(expectedVersion);
        byte[] bytes = sealed.encode(ring);
        try
        {
            String stamp = HexFormat.of().formatHex(Random.bytes(STAMP_BYTES));
            Object stored = redis.eval(COMPARE_AND_SET, List.of(key), List.of(expectedVersion, ring.version(), stamp, bytes));
            return stored.equals(1L);
        }
        catch (IOException e)
        {
            throw failed(e);
        }
    }

    @Override
    public String stamp() throws TicketKeyStoreException
    {
        try
        {
            redis.requirePrimary();
        }
        catch (IOException e)
        {
            throw failed(e);
        }
        return RedisClient.text(ask(Command.HGET, key, "stamp"));
    }

    private Object ask(Command command, Object... arguments) throws TicketKeyStoreException
    {
        try
        {
            return redis.call(command, arguments);
        }
        catch (IOException e)
        {
            throw failed(e);
        }
    }

    private static TicketKeyStoreException failed(IOException cause)
    {
        return new TicketKeyStoreException(RedisFailures.isRefused(cause) ? Kind.REFUSED : Kind.UNAVAILABLE, cause.getMessage(), cause);
    }

    @Override
    public void listen(Runnable news)
    {
        notices.start(key, news);
    }

    @Override
    public Duration settling()
    {
        return SealedRing.SETTLING;
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
        sealed.close();
    }
}
