package io.github.tlsresumption.sessions;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * About how many sessions each client has, in a few bytes for all: clients whose names, which are keyed hashes, end alike are counted as
 * one. Thread-safe.
 */
final class ClientCounts
{
    private static final int PLACES = 4096;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(PLACES);

    /**
     * @param client a client's name
     * @return where its sessions are counted
     */
    static int place(long client)
    {
        return (int)(client & PLACES - 1);
    }

    void add(long client)
    {
        counts.incrementAndGet(place(client));
    }

    void subtract(long client)
    {
        counts.decrementAndGet(place(client));
    }

    int count(int place)
    {
        return counts.get(place);
    }

    /**
     * @return the place with the most sessions
     */
    int largest()
    {
        int largest = 0;
        for (int place = 1; place < PLACES; place++)
        {
            if (counts.get(place) > counts.get(largest))
            {
                largest = place;
            }
        }
        return largest;
    }
}
