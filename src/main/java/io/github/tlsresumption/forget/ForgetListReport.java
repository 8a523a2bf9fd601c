package io.github.tlsresumption.forget;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.tlsresumption.log.WarningThrottle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says now and then that the list was full, or what is wrong with the log. Used only by the thread that has the list's turn.
 */
final class ForgetListReport
{
    private static final Logger LOG = LoggerFactory.getLogger(ForgetList.class);

    private final ForgetTable table;
    private final ForgetLog log;
    private final WarningThrottle full = new WarningThrottle(Duration.ofMinutes(10));
    private final WarningThrottle fault = WarningThrottle.forFaults();
    private long overflowsSaid;

    ForgetListReport(ForgetTable table, ForgetLog log)
    {
        this.table = table;
        this.log = log;
    }

    void report(Instant now, Optional<Instant> everyoneBefore, Optional<String> problem, Optional<String> readFault)
    {
        long overflows = table.overflows();
        if (overflows > overflowsSaid && full.isDue(now))
        {
            LOG.warn("The forget list was full {} times so far, so more is forgotten than asked for: everyone established {}, and with "
                + "each user everyone whose user is not known any more. Raise its bounds (it holds {} subjects and {} bindings)",
                overflows, everyoneBefore.map(before -> "at or before " + before).orElse("too long ago to matter"), table.entries(),
                table.bindings());
            overflowsSaid = overflows;
        }
        if (problem.isEmpty())
        {
            if (fault.hasRecovered())
            {
                LOG.info("Forget list: {} has recovered", log.describe());
            }
            return;
        }
        // Whoever stops us interrupts what is under way, which says nothing about the log.
        if (Thread.currentThread().isInterrupted())
        {
            return;
        }
        // What is wrong, without the number of entries, which grows.
        if (fault.isDue(readFault.orElse("append"), now))
        {
            LOG.warn("Forget list: {}. What is forgotten here is in effect here; whether all processes know the same is not sure",
                problem.get());
        }
    }
}
