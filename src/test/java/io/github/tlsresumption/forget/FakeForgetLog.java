package io.github.tlsresumption.forget;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A log in memory that several lists share, each through an instance of its own, and that fails when the test says. With a
 * generator it gives entries late, in any order and more than once.
 */
final class FakeForgetLog implements ForgetLog
{
    private final List<ForgetLogEntry> store;
    private final Random random;
    private final List<ForgetLogEntry> late = new ArrayList<>();
    private int given;
    private int appends;
    private Throwable fault;

    FakeForgetLog()
    {
        this(new ArrayList<>(), null);
    }

    private FakeForgetLog(List<ForgetLogEntry> store, Random random)
    {
        this.store = store;
        this.random = random;
    }

    FakeForgetLog another()
    {
        return new FakeForgetLog(store, null);
    }

    FakeForgetLog another(Random disorder)
    {
        return new FakeForgetLog(store, disorder);
    }

    void fail(Throwable cause)
    {
        fault = cause;
    }

    void work()
    {
        fault = null;
    }

    int appends()
    {
        return appends;
    }

    List<ForgetLogEntry> entries()
    {
        return store;
    }

    @Override
    public void append(List<ForgetLogEntry> entries) throws IOException
    {
        appends++;
        check();
        store.addAll(entries);
    }

    @Override
    public void read(Consumer<ForgetLogEntry> sink) throws IOException
    {
        check();
        if (random == null)
        {
            store.subList(given, store.size()).forEach(sink);
            given = store.size();
            return;
        }
        late.addAll(store.subList(given, store.size()));
        given = store.size();
        Collections.shuffle(late, random);
        List<ForgetLogEntry> now = late.subList(0, random.nextInt(late.size() + 1));
        now.forEach(sink);
        now.removeIf(entry -> random.nextInt(4) > 0);
    }

    /*
     * Gives all that is still to come.
     */
    void giveAll(ForgetList list)
    {
        for (int i = 0; i < 1000 && (given < store.size() || !late.isEmpty()); i++)
        {
            list.poll();
        }
        if (!late.isEmpty())
        {
            throw new IllegalStateException("entries never come: " + late);
        }
    }

    @Override
    public String describe()
    {
        return "fake log";
    }

    @Override
    public void close()
    {
        // Nothing is open.
    }

    private void check() throws IOException
    {
        if (fault instanceof IOException e)
        {
            throw e;
        }
        if (fault instanceof Error e)
        {
            throw e;
        }
    }
}
