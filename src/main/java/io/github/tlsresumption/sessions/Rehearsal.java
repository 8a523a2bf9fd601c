package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.StableId;

/**
 * Does with a session of no client what handshakes do with theirs, so that the first of them meets no cold code, no script that is not
 * yet compiled and no missing table. The session is removed at the end; where that fails it ends by itself.
 */
public final class Rehearsal
{
    private static final Duration LIFE = Duration.ofSeconds(10);

    private Rehearsal()
    {
    }

    /**
     * @param store asked with more patience than a handshake has
     * @param now the time
     * @throws IOException when the store does not answer
     */
    public static void run(SessionKeyStore store, Instant now) throws IOException
    {
        StableId id = StableId.random();
        SessionRecord record = new SessionRecord(id, now, now.plus(LIFE), 0, 0, 0, 0, 0, 0, Protocol.TLS_1_3, true, false);
        SessionKey first = SessionKey.generate(record, "");
        SessionKey second = SessionKey.generate(record, "");
        SessionKey third = SessionKey.generate(record, "");
        try
        {
            store.put(first);
            store.get(id).ifPresent(SessionKey::destroy);
            long holder = ByteBuffer.wrap(Random.bytes(Long.BYTES)).getLong();
            store.reserve(first, holder);
            store.release(first, holder);
            store.commit(first, second, holder);
            store.replace(second, third);
            store.removeIf(any -> true, Set.of(id.number()));
        }
        finally
        {
            first.destroy();
            second.destroy();
            third.destroy();
        }
    }
}
