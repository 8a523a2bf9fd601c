package io.github.tlsresumption.cluster;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.log.WarningThrottle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this node's clock with the backend's and those of the other nodes, and says now and then when they are too far apart.
 *
 * <p><b>Which clock counts.</b> Each clock has a vote, the backend's too. The time that most agree on, within the bound, is the cluster's;
 * where there is no majority it is the backend's. A node that knows of no other goes by its own clock. Of the clocks that agree each is
 * gone by as it is; a node whose clock is another goes by the cluster's time, see {@link ClusterClock}.
 *
 * <p>Thread-safe.
 */
public final class ClockWatch
{
    private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);

    /** How long a node's vote counts, by the backend's time. */
    public static final Duration TOLD_FOR = Duration.ofMinutes(3);

    private final SharedStores stores;
    private final ClusterClock cluster;
    private final String node;
    private final Duration bound;
    private final Clock clock;
    private final WarningThrottle warning = new WarningThrottle(Duration.ofMinutes(10));

    private volatile boolean isOdd;
    private Optional<Long> settling = Optional.empty();
    private volatile Duration offset;
    private volatile Instant lastContact;
    private volatile String problem;

    /**
     * @param stores tell the backend's time
     * @param cluster is told the cluster's time
     * @param node names this node, the same after a restart
     */
    public ClockWatch(SharedStores stores, ClusterClock cluster, String node)
    {
        this.stores = stores;
        this.cluster = cluster;
        this.node = node;
        this.bound = cluster.bound();
        this.clock = cluster.own();
    }

    /**
     * @return by how much this node's clock is ahead of the backend's, negative when it is behind, as last seen; nothing before the
     * backend has told its time
     */
    public Optional<Duration> offset()
    {
        return Optional.ofNullable(offset);
    }

    /**
     * @return when the backend last told its time; nothing before that
     */
    public Optional<Instant> lastContact()
    {
        return Optional.ofNullable(lastContact);
    }

    /**
     * @return what is wrong with this node's clock; nothing as far as is known
     */
    public Optional<String> problem()
    {
        return Optional.ofNullable(problem);
    }

    /**
     * @return the time by which sessions end, see {@link ClusterClock#deadlines}
     */
    public Clock deadlines()
    {
        return cluster.deadlines();
    }

    /**
     * Compares. To be called every minute or so. Throws nothing. A backend that does not answer changes nothing.
     */
    public synchronized void compare()
    {
        try
        {
            Instant asked = clock.instant();
            Instant theirs = stores.time();
            Duration waited = Duration.between(asked, clock.instant());
            Duration half = waited.dividedBy(2);
            Duration ours = Duration.between(theirs, asked.plus(half));
            // For all we know the backend looked at its clock at either end of the wait.
            Duration tolerated = bound.plus(half.abs());
            boolean isBackendSet = offset != null && !cluster.isDoubtful() && ours.minus(offset).abs().compareTo(tolerated) > 0;
            if (isBackendSet)
            {
                settling = Optional.of(cluster.nanos());
            }
            offset = ours;
            lastContact = asked;
            Duration agreed = agreed(ours, others(ours), tolerated);
            if (isSettled())
            {
                isOdd = agreed.minus(ours).abs().compareTo(tolerated) > 0;
            }
            if (isSettled() || !isOdd)
            {
                cluster.set(clock.instant().minus(ours).plus(isOdd ? agreed : ours));
            }
            judge(ours.abs().compareTo(tolerated) > 0);
        }
        catch (Throwable e)
        {
            // An Error too: thrown on, it would end the scheduler's calls for ever.
            LOG.debug("The backend's time is not known", e);
        }
    }

    /**
     * Compares where the node's clock was set since, or the backend has not answered yet. To be called twice a second or so. Throws
     * nothing.
     */
    public void compareIfDoubtful()
    {
        if (!isOdd && cluster.isDoubtful())
        {
            compare();
        }
    }

    /**
     * When the backend's clock was set, what the other nodes have told is about the one before until they tell again.
     */
    private boolean isSettled()
    {
        settling = settling.filter(since -> cluster.nanos() - since < TOLD_FOR.toNanos());
        return settling.isEmpty();
    }

    private List<Duration> others(Duration ours)
    {
        try
        {
            return stores.offsets(node, ours);
        }
        catch (Throwable e)
        {
            LOG.debug("The other nodes' clocks are not known", e);
            return List.of(ours);
        }
    }

    /**
     * @return by how much the cluster's time is ahead of the backend's
     */
    private static Duration agreed(Duration ours, List<Duration> nodes, Duration bound)
    {
        if (nodes.size() < 2)
        {
            return ours;
        }
        List<Duration> votes = new ArrayList<>(nodes);
        votes.add(Duration.ZERO);
        Duration best = Duration.ZERO;
        for (Duration vote : votes)
        {
            if (supporters(vote, votes, bound) > supporters(best, votes, bound))
            {
                best = vote;
            }
        }
        return best;
    }

    private static long supporters(Duration vote, List<Duration> votes, Duration bound)
    {
        return votes.stream().filter(other -> other.minus(vote).abs().compareTo(bound) <= 0).count();
    }

    private void judge(boolean isApart)
    {
        if (!isApart)
        {
            if (problem != null)
            {
                LOG.info("Clock: this node's clock and the backend's agree again");
            }
            problem = null;
            warning.reset();
            return;
        }
        problem = "this node's clock is " + offset.abs().toMillis() + " ms " + (offset.isNegative() ? "behind" : "ahead of") + " that of "
            + stores.describe() + ", more than the " + bound.toSeconds() + " s of jetty.tlsResumption.clockSkew (or of .rotation.lead, "
            + "if that is less). " + (isOdd
            ? "This node goes by the cluster's time, and sessions that it establishes are not resumed while its clock is ahead"
            : "It is the backend's clock that is wrong, or there is no other node to tell: this node goes by its own clock")
            + ". Set the clock that is wrong by NTP, or raise the setting on all nodes";
        if (warning.isDue(clock.instant()))
        {
            LOG.warn("Clock: {}", problem);
        }
    }
}
