package io.github.tlsresumption.bench;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

import com.sun.management.GarbageCollectionNotificationInfo;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.Decision;

/**
 * A JVM of its own, with a heap that the caller limits: fills it with live sessions of mode {@code cache}, then opens tickets and makes new
 * sessions for a while, and prints what that took.
 */
public final class ManySessions
{
    private static final long BYTES_PER_MIB = 1 << 20;
    private static final int KEPT = 1_000;

    private ManySessions()
    {
    }

    /**
     * @param arguments how many sessions, and for how many seconds to go on
     */
    public static void main(String[] arguments)
    {
        int sessions = Integer.parseInt(arguments[0]);
        long nanos = Duration.ofSeconds(Integer.parseInt(arguments[1])).toNanos();
        List<Long> pauses = Collections.synchronizedList(new ArrayList<>());
        Decision decision = Decision.of(ResumptionMode.CACHE);
        long before = liveHeap();
        List<byte[]> tickets = new ArrayList<>();
        for (int i = 0; i < sessions; i++)
        {
            byte[] ticket = decision.seal();
            if (i >= sessions - KEPT)
            {
                tickets.add(ticket);
            }
        }
        long after = liveHeap();
        listen(pauses);
        long start = System.nanoTime();
        long operations = 0;
        while (System.nanoTime() - start < nanos)
        {
            decision.opens(tickets.get((int)(operations % KEPT)));
            decision.seal();
            operations++;
        }
        decision.sessionKeys().size();
        long most = pauses.stream().mapToLong(Long::longValue).max().orElse(0);
        long all = pauses.stream().mapToLong(Long::longValue).sum();
        System.out.printf(Locale.ROOT, "%d %.1f %d %d %d %d%n", decision.sessionKeys().size(), (double)(after - before) / sessions,
            after / BYTES_PER_MIB, pauses.size(), most, all);
    }

    private static void listen(List<Long> pauses)
    {
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans())
        {
            ((NotificationEmitter)collector).addNotificationListener((notification, handback) ->
            {
                if (notification.getUserData() instanceof CompositeData data)
                {
                    pauses.add(GarbageCollectionNotificationInfo.from(data).getGcInfo().getDuration());
                }
            }, null, null);
        }
    }

    private static long liveHeap()
    {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
