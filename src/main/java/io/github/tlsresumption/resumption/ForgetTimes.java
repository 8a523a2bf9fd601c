package io.github.tlsresumption.resumption;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import io.github.tlsresumption.forget.ForgetList;

/**
 * Up to which time sessions are forgotten, whatever the clocks of this and other nodes show. Thread-safe.
 */
final class ForgetTimes
{
    private final ForgetList list;
    private final Clock clock;
    private final Duration clockSkew;

    /**
     * @param list who has been forgotten
     * @param clock tells the time
     * @param clockSkew how far the clocks of nodes may be apart
     */
    ForgetTimes(ForgetList list, Clock clock, Duration clockSkew)
    {
        this.list = list;
        this.clock = clock;
        this.clockSkew = clockSkew;
    }

    /**
     * Now, or later where sessions may have been established later: by this clock as it was then, or by another node's.
     */
    Instant before()
    {
        Instant now = list.isShared() ? clock.instant().plus(clockSkew) : clock.instant();
        return list.newest().filter(now::isBefore).orElse(now);
    }

    /**
     * No other session has its id, so it may reach as far as clocks do.
     */
    Instant ofOneSession()
    {
        return before().plus(clockSkew);
    }

    /**
     * New sessions are under other keys than those that were dropped, so this does not reach as far as the clocks of others may be ahead.
     */
    Instant ofDropped()
    {
        Instant now = clock.instant();
        return list.newestHere().filter(now::isBefore).orElse(now);
    }

    /**
     * A session may be older than a clock that was set back. It is not resumed any more, and its time is none that the list may know.
     */
    Instant shown(Instant established)
    {
        Instant now = clock.instant();
        return established.isAfter(now.plus(clockSkew)) ? now : established;
    }
}
