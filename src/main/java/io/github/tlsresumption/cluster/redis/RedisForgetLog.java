package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogLines;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log in a stream of Redis, an entry of it for each of ours, in the order in which Redis took them.
 *
 * <p><b>What was lost.</b> Beside the stream is a random number, its generation. Where that is missing the log is new, or Redis has
 * lost it: so the log begins with an entry that forgets everyone before now. Another generation is read from its beginning. A Redis
 * that came back as it was a while ago, from a snapshot or as a replica that lagged behind, lacks entries at its end: each reader
 * looks whether the last entry that it knows, or has added itself, is still there, and adds that everyone is forgotten when not.
 * Only an entry whose writer and readers all ended with Redis is not missed.
 *
 * <p><b>Size.</b> Entries leave an hour after the longest session that they could matter to, by Redis' time and by that of the node.
 *
 * <p>Needs Redis 6.2 or later. Safe for use by many threads.
 */
final class RedisForgetLog implements ForgetLog
{
    private static final Logger LOG = LoggerFactory.getLogger(RedisForgetLog.class);
    private static final Duration MARGIN = Duration.ofHours(1);
    private static final int BATCH = 1_000;
    private static final int GENERATION_BYTES = 16;

    private static final String BEGIN = """
        local now = redis.call('TIME')
        local dead = now[1] * 1000 - ARGV[3]
        local deadForAll = math.min(now[1] * 1000, tonumber(ARGV[4])) - ARGV[3]
        local generation = redis.call('GET', KEYS[2])
        local isNew = not generation
        if isNew then
          generation = ARGV[1]
          redis.call('DEL', KEYS[1])
          redis.call('SET', KEYS[2], generation)
          redis.call('XADD', KEYS[1], '*', 'e', ARGV[2])
        end
        """;

    private static final String APPEND = BEGIN + """
        local id
        for i = 6, #ARGV do
          id = redis.call('XADD', KEYS[1], '*', 'e', ARGV[i])
        end
        redis.pcall('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', deadForAll))
        if ARGV[5] ~= '' then
          redis.pcall('PUBLISH', ARGV[5], '')
        end
        return id
        """;

    private static final String READ = BEGIN + """
        local isOther = isNew or generation ~= ARGV[5]
        if not isOther and ARGV[7] ~= '' then
          local time = tonumber(string.match(ARGV[7], '^%d+'))
          if time > dead and #redis.call('XRANGE', KEYS[1], ARGV[7], ARGV[7]) == 0 then
            redis.call('XADD', KEYS[1], '*', 'e', ARGV[2])
            isOther = true
          end
        end
        local start = '-'
        if not isOther and ARGV[6] ~= '' then
          start = '(' .. ARGV[6]
        end
        return {generation, isOther and 1 or 0, redis.call('XRANGE', KEYS[1], start, '+', 'COUNT', ARGV[8])}
        """;

    private static final String BEGIN_AGAIN = """
        redis.call('DEL', KEYS[1])
        redis.call('SET', KEYS[2], ARGV[1])
        local id = redis.call('XADD', KEYS[1], '*', 'e', ARGV[2])
        redis.pcall('PUBLISH', ARGV[3], '')
        return id
        """;

    private final RedisClient redis;
    private final List<String> keys;
    private final String channel;
    private final String place;
    private final RedisNotices notices;
    private final Duration kept;
    private final Duration clockSkew;
    private final Clock clock;
    private final Object turn = new Object();

    // Read so far, written under the turn:
    private volatile String generation = "";
    private String position = "";

    // The last entry that must be there, guarded by this:
    private String known = "";

    /**
     * @param redis not closed by the log
     * @param prefix of the keys and of the channel
     * @param place where Redis is, for messages
     * @param notices of that channel, not closed by the log
     * @param longest how long a session can live at the most
     * @param clockSkew how far the nodes' clocks may be apart
     * @param clock the time
     */
    RedisForgetLog(RedisClient redis, String prefix, String place, RedisNotices notices, Duration longest,
        Duration clockSkew, Clock clock)
    {
        this.redis = redis;
        this.keys = List.of(prefix + "forgotten", prefix + "forgotten:generation");
        this.channel = channel(prefix);
        this.place = place;
        this.notices = notices;
        this.kept = longest.plus(MARGIN);
        this.clockSkew = clockSkew;
        this.clock = clock;
    }

    static String channel(String prefix)
    {
        return prefix + "forgotten";
    }

    @Override
    public void append(List<ForgetLogEntry> entries) throws IOException
    {
        for (int from = 0; from < entries.size(); from += BATCH)
        {
            List<Object> arguments = begin();
            List<ForgetLogEntry> batch = entries.subList(from, Math.min(entries.size(), from + BATCH));
            // Who a user is need not be known before the next poll: who forgets the user notifies.
            arguments.add(batch.stream().allMatch(Bind.class::isInstance) ? "" : channel);
            batch.forEach(entry -> arguments.add(ForgetLogLines.encode(entry)));
            know(RedisClient.text(redis.eval(APPEND, keys, arguments)));
        }
    }

    @Override
    public void read(Consumer<ForgetLogEntry> sink) throws IOException
    {
        synchronized (turn)
        {
            while (readBatch(sink) == BATCH)
            {
                LOG.debug("There is more to read");
            }
        }
    }

    @Override
    public void beginAgain(ForgetEveryone everyone) throws IOException
    {
        synchronized (turn)
        {
            String fresh = HexFormat.of().formatHex(Random.bytes(GENERATION_BYTES));
            position = RedisClient.text(redis.eval(BEGIN_AGAIN, keys, List.of(fresh, ForgetLogLines.encode(everyone), channel)));
            generation = fresh;
            forgetKnown();
            know(position);
        }
    }

    private int readBatch(Consumer<ForgetLogEntry> sink) throws IOException
    {
        List<Object> arguments = begin();
        arguments.addAll(List.of(generation, position, known(), BATCH));
        List<?> answer = (List<?>)redis.eval(READ, keys, arguments);
        if (answer.get(1).equals(1L))
        {
            if (!generation.isEmpty())
            {
                LOG.warn("{} has lost who was forgotten, or some of it: everyone established before now is", place);
            }
            generation = RedisClient.text(answer.get(0));
            position = "";
            forgetKnown();
        }
        List<?> entries = (List<?>)answer.get(2);
        for (Object entry : entries)
        {
            List<?> idAndFields = (List<?>)entry;
            String line = RedisClient.text(((List<?>)idAndFields.get(1)).get(1));
            sink.accept(decode(line));
            position = RedisClient.text(idAndFields.get(0));
            know(position);
        }
        return entries.size();
    }

    private ForgetLogEntry decode(String line)
    {
        Optional<ForgetLogEntry> entry = ForgetLogLines.decode(line);
        if (entry.isEmpty())
        {
            LOG.warn("{} has a damaged entry: it is not known who was forgotten by it, so everyone established before now is", place);
        }
        return entry.orElseGet(() -> new ForgetEveryone(clock.instant().plus(clockSkew)));
    }

    /**
     * @return what {@link #BEGIN} needs
     */
    private List<Object> begin()
    {
        List<Object> arguments = new ArrayList<>();
        arguments.add(HexFormat.of().formatHex(Random.bytes(GENERATION_BYTES)));
        // Who knew another log has lost something, and how others' clocks were then is not known. A new log has lost nothing.
        Instant now = clock.instant();
        arguments.add(ForgetLogLines.encode(new ForgetEveryone(generation.isEmpty() ? now : now.plus(clockSkew))));
        arguments.add(kept.toMillis());
        arguments.add(now.toEpochMilli());
        return arguments;
    }

    private synchronized String known()
    {
        return known;
    }

    private synchronized void forgetKnown()
    {
        known = "";
    }

    private synchronized void know(String id)
    {
        if (known.isEmpty() || isLater(id, known))
        {
            known = id;
        }
    }

    /**
     * Of ids of a stream: milliseconds, a dash, and a number.
     */
    private static boolean isLater(String id, String than)
    {
        String[] left = id.split("-");
        String[] right = than.split("-");
        int byTime = Long.compare(Long.parseLong(left[0]), Long.parseLong(right[0]));
        return byTime > 0 || byTime == 0 && Long.parseLong(left[1]) > Long.parseLong(right[1]);
    }

    @Override
    public void listen(Runnable news)
    {
        notices.start(channel, news);
    }

    @Override
    public boolean shared()
    {
        return true;
    }

    @Override
    public String describe()
    {
        return place;
    }

    @Override
    public void close()
    {
        notices.stop(channel);
    }
}
