package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;

/**
 * A store that can be told to fail.
 */
final class FailableStore implements SessionKeyStore
{
    private final HeapSessionKeyStore store;
    final List<SessionKey> refused = new ArrayList<>();
    volatile boolean failing;

    FailableStore(HeapSessionKeyStore store)
    {
        this.store = store;
    }

    boolean forget(StableId id)
    {
        return store.removeIf(key -> key.id().equals(id)) == 1;
    }

    private void check() throws IOException
    {
        if (failing)
        {
            throw new IOException("for a test");
        }
    }

    @Override
    public void put(SessionKey key) throws IOException
    {
        if (failing)
        {
            refused.add(key);
        }
        check();
        store.put(key);
    }

    @Override
    public Optional<SessionKey> get(StableId id) throws IOException
    {
        check();
        return store.get(id);
    }

    @Override
    public boolean replace(SessionKey key, SessionKey next) throws IOException
    {
        if (failing)
        {
            refused.add(next);
        }
        check();
        return store.replace(key, next);
    }

    @Override
    public OptionalLong size(String rule)
    {
        return store.size(rule);
    }

    @Override
    public long removeIf(Predicate<SessionKey> forgotten) throws IOException
    {
        check();
        return store.removeIf(forgotten);
    }

    @Override
    public long size()
    {
        return store.size();
    }

    @Override
    public void close()
    {
        store.close();
    }
}
