package io.github.tlsresumption.admin;

import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class CountersTest
{
    private static Counters of(Statuses status)
    {
        return Counters.of(status.get());
    }

    @Test
    void fullHandshakesThatWereNotRefusedBroughtNoTicket()
    {
        Counters counted = of(new Statuses().handshakes(10, 30).refusals(Map.of("expired", 2L, "forgotten", 1L, "no-key", 4L)));
        assertEquals(3, counted.refused());
        assertEquals(7, counted.withoutTicket(), "a ticket that could not be made was not offered");
        assertEquals(0.75, counted.share());
        assertEquals(0, of(new Statuses().handshakes(1, 0).refusals(Map.of("expired", 1L, "tampered", 1L))).withoutTicket(),
            "two tickets of one handshake");
        assertEquals(0, of(new Statuses()).share());
    }

    @Test
    void clientsWhoseModeIsOffMakeFullHandshakesByPolicy()
    {
        assertEquals(10, of(new Statuses().handshakes(10, 0).modes("off", "cache")).byPolicy());
        assertEquals(0, of(new Statuses().handshakes(10, 0).modes("off", "cache")).withoutTicket());
        assertEquals(0, of(new Statuses().handshakes(10, 0).modes("ticket", "off")).byPolicy());
        Counters byRule = of(new Statuses().handshakes(10, 0).rule("kiosks", "off", 6).rule("(default)", "ticket", 4));
        assertEquals(6, byRule.byPolicy());
        assertEquals(4, byRule.withoutTicket());
    }

    @Test
    void connectionsOfCheckAreCountedBesideTheOthersAndNothingIsWithoutThem()
    {
        Counters without = of(new Statuses().handshakes(10, 30).refusals(Map.of("expired", 2L, "tampered", 4L)));
        Counters with = of(new Statuses().handshakes(10, 30).refusals(Map.of("expired", 2L, "tampered", 4L)).checkConnections(40));
        assertEquals(40, with.checkConnections());
        assertEquals(15, with.since(of(new Statuses().checkConnections(25))).checkConnections());
        assertEquals(0, without.checkConnections());
        assertEquals(new Counters(with.full(), with.resumed(), with.byPolicy(), with.refusals(), 0, with.openTimes()), without);
        assertEquals(without.withoutTicket(), with.withoutTicket());
        assertEquals(without.refused(), with.refused());
        assertEquals(without.share(), with.share());
        assertEquals(without.all(), with.all());
    }

    @Test
    void whatWasCountedSinceAMomentIsTheDifference()
    {
        Counters before = of(new Statuses().handshakes(10, 30).refusals(Map.of("expired", 2L)).openTimes(90, 1));
        Counters counted = of(new Statuses().handshakes(12, 35).refusals(Map.of("expired", 3L)).openTimes(91, 10)).since(before);
        assertEquals(2, counted.full());
        assertEquals(5, counted.resumed());
        assertEquals(Map.of("expired", 1L), counted.refusals());
        assertEquals(10, counted.openTimes().count());
        assertEquals(20, counted.openTimes().quantile(0.5), "slower lately, though not in all the time");
    }

    @Test
    void countsThatBeganAnewCountFromThere()
    {
        Counters before = of(new Statuses().handshakes(10, 30).refusals(Map.of("expired", 2L)).openTimes(90, 1));
        Counters counted = of(new Statuses().handshakes(1, 2).refusals(Map.of("expired", 1L)).openTimes(3, 0)).since(before);
        assertEquals(3, counted.all());
        assertEquals(Map.of("expired", 1L), counted.refusals());
        assertEquals(3, counted.openTimes().count());
    }
}
