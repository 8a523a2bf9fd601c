package io.github.tlsresumption.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.json.BoundedJson;
import io.github.tlsresumption.status.ServerStatus;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class HistoryTest
{
    private long full;
    private long resumed;
    private long second;
    private final History history = new History(this::status, null);

    private ServerStatus status()
    {
        return Statuses.server(now(), new Statuses().handshakes(full, resumed).get());
    }

    private Instant now()
    {
        return Statuses.START.plusSeconds(second);
    }

    private Recent recent()
    {
        return history.recent(status().connectors().get(0), now());
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
        long start = Statuses.START.getEpochSecond();
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

    @Test
    void theLastTenMinutesAreThoseThatAreToldApartFromBefore()
    {
        sample();
        full = 5;
        assertEquals(5, recent().counted().full(), "an interval that has not ended");
        sample();
        assertEquals(Duration.ofSeconds(2 * History.INTERVAL), recent().length());
        for (int i = 0; i < 120; i++)
        {
            resumed++;
            sample();
        }
        assertEquals(Duration.ofMinutes(10).plusSeconds(History.INTERVAL), recent().length());
        assertEquals(0, recent().counted().full());
        assertEquals(120, recent().counted().resumed());
        assertEquals(5, recent().before().full());
    }

    @Test
    void aConnectorThatWasNotThereBeforeHasDoneAllOfItLately()
    {
        sample();
        Recent added = history.recent(new Statuses().name("added").handshakes(3, 4).get(), now());
        assertEquals(7, added.counted().all());
        assertEquals(0, added.before().all());
    }
}
