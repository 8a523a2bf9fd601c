package io.github.tlsresumption.keys;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

import io.github.tlsresumption.FakeClock;

/**
 * A process of its own with a manager on a file. Each line that comes in is a time in milliseconds: it ticks then, and
 * answers with the version and the ids of its ring.
 */
final class ContendingProcess
{
    private ContendingProcess()
    {
    }

    public static void main(String[] arguments) throws Exception
    {
        FakeClock clock = new FakeClock(Instant.EPOCH);
        IdleExecutor executor = new IdleExecutor();
        TicketKeyRingManager manager = new TicketKeyRingManager(new FileTicketKeyStore(Path.of(arguments[0])), KeyRotation.DEFAULT, clock,
            executor);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        boolean started = false;
        for (String line = in.readLine(); line != null; line = in.readLine())
        {
            clock.set(Instant.ofEpochMilli(Long.parseLong(line)));
            if (started)
            {
                manager.tick();
            }
            else
            {
                manager.start();
                started = true;
            }
            System.out.println(manager.ring().version() + " " + manager.ring().keys().stream().map(TicketKey::id).toList()
                + manager.health().error().orElse(""));
        }
        executor.shutdownNow();
    }
}
