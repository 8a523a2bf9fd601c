package io.github.tlsresumption.openssl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * The sessions of clients, until they are offered. Confined to its thread.
 */
final class ClientSessions implements AutoCloseable
{
    private static final int MAX_SESSIONS = 20;

    private final NativeClients clients;
    private final Map<Pool, Deque<Long>> pools = new EnumMap<>(Pool.class);

    /**
     * What a client can do with a session.
     */
    enum Pool
    {
        TICKETS_13,
        TICKETS_12,
        IDS,
        CERTIFICATE_13,
        CERTIFICATE_12;

        static Pool tickets(int version)
        {
            return version == Supported.TLS13 ? TICKETS_13 : TICKETS_12;
        }

        static Pool certificates(int version)
        {
            return version == Supported.TLS13 ? CERTIFICATE_13 : CERTIFICATE_12;
        }
    }

    ClientSessions(NativeClients clients)
    {
        this.clients = clients;
        for (Pool pool : Pool.values())
        {
            pools.put(pool, new ArrayDeque<>());
        }
    }

    /**
     * @return a session to be freed, or 0
     */
    long take(Pool pool)
    {
        Long session = pools.get(pool).poll();
        return session == null ? 0 : session;
    }

    /**
     * @param session is freed when there are enough of its kind
     */
    void keep(Pool pool, long session)
    {
        Deque<Long> kept = pools.get(pool);
        kept.add(session);
        if (kept.size() > MAX_SESSIONS)
        {
            clients.free(kept.remove());
        }
    }

    @Override
    public void close()
    {
        pools.values().forEach(pool -> pool.forEach(clients::free));
    }
}
