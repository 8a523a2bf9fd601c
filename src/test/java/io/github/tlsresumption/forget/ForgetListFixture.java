package io.github.tlsresumption.forget;

import java.time.Duration;
import java.time.Instant;

import io.github.tlsresumption.FakeClock;

/**
 * A list, its log and its clock, for the tests of a list.
 */
abstract class ForgetListFixture
{
    static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    static final Duration LONGEST = Duration.ofHours(24);
    static final long SESSION = 7;
    static final long CLIENT = 8;
    static final long PRINCIPAL = 9;
    static final long OTHER = 10;

    final FakeClock clock = new FakeClock(START);
    final FakeForgetLog log = new FakeForgetLog();
    final ForgetList list = list(log);

    ForgetList list(ForgetLog itsLog)
    {
        return new ForgetList(itsLog, LONGEST, 1000, 1000, clock);
    }
}
