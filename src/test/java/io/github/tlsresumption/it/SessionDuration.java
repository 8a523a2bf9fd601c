package io.github.tlsresumption.it;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Clients that come back again and again while the server's clock is moved, so that they always hold a fresh ticket, until their sessions
 * end. Each is a call that connects, and says whether its session was resumed.
 */
final class SessionDuration
{
    /** How long before and after a session's end its client comes back: more than all the connections take on a busy machine. */
    private static final Duration MARGIN = Duration.ofMinutes(5);
    private static final int TIMES = 3;

    private final WallClock clock;
    private final List<Client> clients = new ArrayList<>();

    SessionDuration(WallClock clock)
    {
        this.clock = clock;
    }

    private static final class Client
    {
        private final String name;
        private final Callable<Boolean> connect;
        private final Duration duration;
        // What the server calls the session's begin lies between these two.
        private Instant before;
        private Instant after;

        private Client(String name, Callable<Boolean> connect, Duration duration)
        {
            this.name = name;
            this.connect = connect;
            this.duration = duration;
        }

        private void establish(WallClock clock) throws Exception
        {
            before = clock.instant();
            assertFalse(connect.call(), name);
            after = clock.instant();
        }

        /**
         * @return whether the session is over
         */
        private boolean comeBack(WallClock clock) throws Exception
        {
            Instant asked = clock.instant();
            boolean resumed = connect.call();
            Instant answered = clock.instant();
            // TLS and SunJSSE count whole seconds, so a session may end a second early.
            boolean isOver = asked.isAfter(after.plus(duration));
            assertTrue(isOver || answered.isBefore(before.plus(duration).minusSeconds(1)), "this machine is too slow for the test");
            assertEquals(!isOver, resumed, () -> name + ", " + Duration.between(before, asked) + " after the full handshake");
            if (isOver)
            {
                assertTrue(connect.call(), () -> name + ": the new session cannot be resumed");
            }
            return isOver;
        }
    }

    /**
     * @param name tells the client in failures
     * @param connect connects
     * @param duration for how long its session is to be resumed, an hour or more
     */
    void add(String name, Callable<Boolean> connect, Duration duration)
    {
        clients.add(new Client(name, connect, duration));
    }

    /**
     * Drives all clients, and fails when a session was resumed for longer than it should, or not for as long.
     */
    void assertAllEndInTime() throws Exception
    {
        Instant begin = clock.instant();
        for (Client client : clients)
        {
            client.establish(clock);
        }
        TreeSet<Duration> times = new TreeSet<>();
        Duration shortest = clients.stream().map(client -> client.duration).min(Duration::compareTo).orElseThrow();
        for (int i = 1; i < TIMES; i++)
        {
            times.add(shortest.multipliedBy(i).dividedBy(TIMES));
        }
        for (Client client : clients)
        {
            times.add(client.duration.minus(MARGIN));
            times.add(client.duration.plus(MARGIN));
        }
        List<Client> going = clients;
        for (Duration time : times)
        {
            clock.moveTo(begin.plus(time));
            List<Client> further = new ArrayList<>();
            for (Client client : going)
            {
                if (!client.comeBack(clock))
                {
                    further.add(client);
                }
            }
            going = further;
        }
        assertEquals(List.of(), going);
    }
}
