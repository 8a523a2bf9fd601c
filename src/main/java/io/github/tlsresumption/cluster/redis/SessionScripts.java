package io.github.tlsresumption.cluster.redis;

/**
 * The scripts in Lua by which Redis changes a session in one step. See {@link RedisSessionKeyStore} for what a session is there.
 */
final class SessionScripts
{
    // Who may not ask for it has one life for ever.
    private static final String LIFE = """
        local unknown = '        '
        local info = redis.pcall('INFO', 'replication')
        local life = type(info) == 'string' and string.match(info, 'master_replid:(%x%x%x%x%x%x%x%x)') or unknown
        """;

    // Names that have expired go a few at a time, or one client would wait for all; by the clock that is behind, Redis' or the node's, as
    // a name that goes too early keeps its session from being erased.
    static final String PUT = LIFE + """
        redis.call('SET', KEYS[1], ARGV[1] .. life .. ARGV[2], 'PX', ARGV[3])
        local now = math.min(redis.call('TIME')[1] * 1000, tonumber(ARGV[5]))
        for i = 2, #KEYS do
          for _, ended in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', string.format('%.0f', now), 'LIMIT', 0, 8)) do
            redis.call('ZREM', KEYS[i], ended)
          end
          redis.call('ZADD', KEYS[i], ARGV[4], ARGV[6])
          if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[3]) then
            redis.call('PEXPIRE', KEYS[i], ARGV[3])
          end
        end
        return life ~= unknown and 1 or 0
        """;

    // The head of what is to be replaced comes first.
    private static final String FOUND = LIFE + """
        local found = redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] + #life - 1)
        """;

    private static final String MATCH = """
        if string.sub(found, 1, #ARGV[1]) ~= ARGV[1] then
          return 0
        end
        if string.sub(found, #ARGV[1] + 1) ~= life then
          return -1
        end
        """;

    private static final String DONE = """
        if string.sub(found, 1, #ARGV[2]) == ARGV[2] then
          return 1
        end
        """;

    // A script may run twice for one question, see RedisClient: the second time it finds what it has done, and says so. What is to come in
    // a key's place is random, so nobody else has done that.
    static final String REPLACE = FOUND + DONE + MATCH + """
        redis.call('SET', KEYS[1], ARGV[2] .. life .. ARGV[3], 'PX', ARGV[4])
        return 1
        """;

    static final String RESERVE = FOUND + MATCH + """
        if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) or redis.call('GET', KEYS[2]) == ARGV[2] then
          return 1
        end
        return 0
        """;

    static final String COMMIT = FOUND + DONE + MATCH + """
        local holder = redis.call('GET', KEYS[2])
        if holder and holder ~= ARGV[5] then
          return 0
        end
        redis.call('SET', KEYS[1], ARGV[2] .. life .. ARGV[3], 'PX', ARGV[4])
        redis.call('DEL', KEYS[2])
        return 1
        """;

    static final String RELEASE = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
          redis.call('DEL', KEYS[1])
        end
        """;

    private SessionScripts()
    {
    }
}
