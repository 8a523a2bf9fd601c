package io.github.tlsresumption.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.json.BoundedJson;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.RingStatus;
import io.github.tlsresumption.status.ServerStatus;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class HistoryTest
{
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private long full;
    private long resumed;
    private long second;
    private final History history = new History(this::status, null);

    private ServerStatus status()
    {
        Distribution none = new Distribution(List.of(), List.of(0L), 0);
        return new ServerStatus("node", START.plusSeconds(second), List.of(new ConnectorStatus("scope", "name", "jdk", Map.of(), true,
            Duration.ofHours(1), List.of(new HandshakeCount("TLSv1.3", "full", full), new HandshakeCount("TLSv1.3", "ticket", resumed)),
            Map.of(), none, none, none, Map.of(), List.of(), 0,
            new RingStatus(0, Optional.empty(), Optional.empty(), Optional.empty(), List.of()), 0, List.of())));
    }

    private void sample()
    {
        history.sample();
        second += History.INTERVAL;
    }

    @Test
    void aPointHasWhatCameInItsInterval()
    {
        full = 7;
        sample();
        resumed = 2;
        sample();
        resumed = 5;
        sample();
        long start = START.getEpochSecond();
        assertEquals("{\"interval\":5,\"seconds\":[" + (start + 5) + "," + (start + 10) + "],\"series\":["
            + "{\"scope\":\"scope\",\"name\":\"name\",\"protocol\":\"TLSv1.3\",\"result\":\"ticket\",\"counts\":[2,3]}]}",
            history.json().toString());
    }

    @Test
    void countsThatBeginAnewAreNoFallAndOldPointsAreLeftOut()
    {
        sample();
        full = 9;
        sample();
        full = 0;
        sample();
        assertEquals(List.of(9L, 0L), counts());
        for (int i = 0; i < 200; i++)
        {
            full++;
            sample();
        }
        assertEquals(120, counts().size());
        assertEquals(120, counts().stream().mapToLong(count -> (Long)count).sum());
    }

    private List<?> counts()
    {
        Object[] series = (Object[])BoundedJson.parse(history.json().toString()).get("series");
        return List.of((Object[])((Map<?, ?>)series[0]).get("counts"));
    }
}
