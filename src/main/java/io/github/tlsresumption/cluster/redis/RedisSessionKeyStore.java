package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import io.github.tlsresumption.cluster.SessionKeyCodec;
import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.sessions.Rehearsal;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * Keeps session keys in Redis until their deadline. A session is {@code session:} and its own number, with the value
 *
 * <pre>
 *   stable id 32 | tag 8 | life 8 | what SessionKeyCodec gives
 * </pre>
 *
 * where the tag is a digest of the key, which is random and 256 bits long, so that Redis can tell whether a key is still the one that
 * is to be replaced. The life is the beginning of Redis' replication id, which is another after each restart and each promotion of a
 * replica: either may lose that a key was replaced, so no key of an earlier life is. Earlier releases, which had 16 bytes of the digest
 * there, and this one read each other's sessions, but do not replace them.
 * <p>
 * While a handshake holds a session, {@code reserved:} and its number names that handshake. Two sorted sets name the sessions with their
 * deadlines: all, and those of each client. Redis' {@code maxmemory} is the bound. Thread-safe.
 */
final class RedisSessionKeyStore implements SessionKeyStore
{
    private static final Logger LOG = LoggerFactory.getLogger(RedisSessionKeyStore.class);
    private static final HexFormat HEX = HexFormat.of();
    private static final int TAG_BYTES = 8;
    private static final int LIFE_BYTES = 8;
    private static final int HEAD_BYTES = StableId.BYTES + TAG_BYTES + LIFE_BYTES;
    private static final int BATCH = 500;
    private static final String FIRST_CURSOR = "0";
    private static final Long OTHER_LIFE = -1L;

    private final RedisClient handshakes;
    private final RedisClient background;
    private final String prefix;
    private final SessionKeyCodec codec;
    private final Clock clock;
    private final AtomicBoolean warned;
    private boolean rehearsed;

    /**
     * @param handshakes asks quickly or not at all; not closed by the store
     * @param background asks more patiently; not closed by the store
     * @param prefix of the keys
     * @param codec seals what is stored
     * @param clock the time
     */
    RedisSessionKeyStore(RedisClient handshakes, RedisClient background, String prefix, SessionKeyCodec codec, Clock clock)
    {
        this(handshakes, background, prefix, codec, clock, new AtomicBoolean());
    }

    private RedisSessionKeyStore(RedisClient handshakes, RedisClient background, String prefix, SessionKeyCodec codec, Clock clock,
        AtomicBoolean warned)
    {
        this.warned = warned;
        this.handshakes = handshakes;
        this.background = background;
        this.prefix = prefix;
        this.codec = codec;
        this.clock = clock;
    }

    @Override
    public void put(SessionKey key) throws IOException
    {
        long remaining = remaining(key);
        if (remaining <= 0)
        {
            return;
        }
        String name = name(key.id().number());
        List<String> keys = new ArrayList<>(List.of(session(name), all()));
        if (key.clientIdentity() != 0)
        {
            keys.add(client(key.clientIdentity()));
        }
        Object hasLife = handshakes.eval(SessionScripts.PUT, keys,
            List.of(head(key), sealed(key), remaining, key.deadline().toEpochMilli(), clock.millis(), name));
        if (!hasLife.equals(1L) && warned.compareAndSet(false, true))
        {
            LOG.warn("Redis does not let this node see its replication id, so a ticket of one use that was used just before Redis "
                + "restarts, or fails over, may work once more: give the user of jetty.tlsResumption.redis.uri the right +info");
        }
    }

    @Override
    public boolean replace(SessionKey key, SessionKey next) throws IOException
    {
        long remaining = remaining(next);
        if (remaining <= 0)
        {
            return false;
        }
        List<Object> arguments = List.of(head(key), head(next), sealed(next), remaining);
        boolean replaced = handshakes.eval(SessionScripts.REPLACE, List.of(session(name(key.id().number()))), arguments).equals(1L);
        if (replaced)
        {
            key.destroy();
        }
        return replaced;
    }

    @Override
    public boolean reserve(SessionKey key, long holder) throws IOException
    {
        String name = name(key.id().number());
        List<Object> arguments = List.of(head(key), HEX.toHexDigits(holder), RESERVATION.toMillis());
        return handshakes.eval(SessionScripts.RESERVE, List.of(session(name), reserved(name)), arguments).equals(1L);
    }

    @Override
    public boolean commit(SessionKey key, SessionKey next, long holder) throws IOException
    {
        long remaining = remaining(next);
        if (remaining <= 0)
        {
            return false;
        }
        String name = name(key.id().number());
        List<Object> arguments = List.of(head(key), head(next), sealed(next), remaining, HEX.toHexDigits(holder));
        Object answer = handshakes.eval(SessionScripts.COMMIT, List.of(session(name), reserved(name)), arguments);
        if (answer.equals(OTHER_LIFE))
        {
            // Reserved in the life before. Who has it in time knows that nobody else has used it.
            throw new IOException("Redis has restarted or failed over since the handshake began");
        }
        boolean committed = answer.equals(1L);
        if (committed)
        {
            key.destroy();
        }
        return committed;
    }

    @Override
    public void release(SessionKey key, long holder) throws IOException
    {
        handshakes.eval(SessionScripts.RELEASE, List.of(reserved(name(key.id().number()))), List.of(HEX.toHexDigits(holder)));
    }

    @Override
    public Optional<SessionKey> get(StableId id) throws IOException
    {
        byte[] value = (byte[])handshakes.call(Command.GET, session(name(id.number())));
        return decode(value).filter(key -> key.id().equals(id)).filter(key -> remaining(key) > 0);
    }

    private long remaining(SessionKey key)
    {
        return Duration.between(clock.instant(), key.deadline()).toMillis();
    }

    private byte[] sealed(SessionKey key) throws IOException
    {
        return codec.encode(key).orElseThrow(() -> new IOException("there is no ticket key that seals session keys"));
    }

    private static byte[] head(SessionKey key)
    {
        return ByteBuffer.allocate(StableId.BYTES + TAG_BYTES).put(key.id().bytes()).put(tag(key)).array();
    }

    private static byte[] tag(SessionKey key)
    {
        byte[] secret = key.secret();
        try
        {
            return Arrays.copyOf(Digests.sha256("tag of a session key", secret), TAG_BYTES);
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
        }
    }

    /**
     * @param value null for none
     */
    private Optional<SessionKey> decode(byte[] value)
    {
        if (value == null || value.length < HEAD_BYTES)
        {
            return Optional.empty();
        }
        StableId id = StableId.of(Arrays.copyOf(value, StableId.BYTES));
        return codec.decode(id, Arrays.copyOfRange(value, HEAD_BYTES, value.length));
    }

    @Override
    public long removeIf(Predicate<SessionKey> forgotten) throws IOException
    {
        long removed = 0;
        String cursor = FIRST_CURSOR;
        do
        {
            List<?> answer = (List<?>)background.call(Command.ZSCAN, all(), cursor, "COUNT", BATCH);
            cursor = RedisClient.text(answer.get(0));
            List<?> namesAndScores = (List<?>)answer.get(1);
            List<String> names = new ArrayList<>();
            for (int i = 0; i < namesAndScores.size(); i += 2)
            {
                names.add(RedisClient.text(namesAndScores.get(i)));
            }
            removed += removeIf(forgotten, names);
        }
        while (!FIRST_CURSOR.equals(cursor));
        return removed;
    }

    @Override
    public long removeIf(Predicate<SessionKey> forgotten, Set<Long> subjects) throws IOException
    {
        long removed = 0;
        for (long subject : subjects)
        {
            removed += removeIf(forgotten, List.of(name(subject)));
            List<String> names = new ArrayList<>();
            for (Object name : (List<?>)background.call(Command.ZRANGE, client(subject), 0, -1))
            {
                names.add(RedisClient.text(name));
            }
            for (int from = 0; from < names.size(); from += BATCH)
            {
                removed += removeIf(forgotten, names.subList(from, Math.min(names.size(), from + BATCH)));
            }
        }
        return removed;
    }

    private long removeIf(Predicate<SessionKey> forgotten, List<String> names) throws IOException
    {
        if (names.isEmpty())
        {
            return 0;
        }
        List<?> values = (List<?>)background.call(Command.MGET, names.stream().map(this::session).toArray());
        List<String> doomed = new ArrayList<>();
        for (int i = 0; i < names.size(); i++)
        {
            Optional<SessionKey> key = decode((byte[])values.get(i));
            if (key.filter(forgotten).isPresent())
            {
                doomed.add(names.get(i));
            }
            key.ifPresent(SessionKey::destroy);
        }
        if (doomed.isEmpty())
        {
            return 0;
        }
        long removed = (Long)background.call(Command.DEL, doomed.stream().map(this::session).toArray());
        List<Object> members = new ArrayList<>(doomed);
        members.add(0, all());
        background.call(Command.ZREM, members.toArray());
        return removed;
    }

    @Override
    public synchronized void warm() throws IOException
    {
        try
        {
            handshakes.refresh();
            // Without a ticket key there is nothing that handshakes could do.
            if (!rehearsed && codec.seals())
            {
                Rehearsal.run(new RedisSessionKeyStore(handshakes.patient(), background, prefix, codec, clock, warned), clock.instant());
                rehearsed = true;
            }
            handshakes.probe(Command.GET, session(name(StableId.random().number())));
        }
        catch (IOException e)
        {
            // It may come back without the scripts.
            rehearsed = false;
            throw e;
        }
    }

    @Override
    public boolean shared()
    {
        return true;
    }

    /**
     * @return how many sessions of the whole cluster there are; 0 when Redis does not answer
     */
    @Override
    public long size()
    {
        try
        {
            return (Long)background.call(Command.ZCOUNT, all(), "(" + clock.millis(), "+inf");
        }
        catch (IOException e)
        {
            LOG.debug("How many sessions there are is not known", e);
            return 0;
        }
    }

    /**
     * Does nothing: the sessions are not this process' alone.
     */
    @Override
    public void close()
    {
        // See above.
    }

    private static String name(long number)
    {
        return HEX.toHexDigits(number);
    }

    private String session(String name)
    {
        return prefix + "session:" + name;
    }

    private String reserved(String name)
    {
        return prefix + "reserved:" + name;
    }

    private String client(long identity)
    {
        return prefix + "client:" + HEX.toHexDigits(identity);
    }

    private String all()
    {
        return prefix + "sessions";
    }
}
