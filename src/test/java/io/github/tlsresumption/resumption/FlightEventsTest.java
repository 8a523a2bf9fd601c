package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FlightEventsTest
{
    private static final String PREFIX = "io.github.tlsresumption.";
    private static final List<String> NAMES = List.of("TicketSealed", "TicketOpened", "SessionRefused");
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00.123Z");
    private static final byte[] AAD = {1, 2, 3};
    private static final int FORMAT = 1;

    private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), NOW);
    private final MemoryEngine resumption = new MemoryEngine(Resumptions.of("scope",
        new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, Duration.ofHours(1)), () -> ring, clock,
        new ResumptionStatistics()));

    @TempDir
    private Path directory;

    @Test
    void enabled() throws IOException
    {
        List<RecordedEvent> events = recorded(true);

        List<RecordedEvent> sealed = named(events, "TicketSealed");
        List<RecordedEvent> opened = named(events, "TicketOpened");
        List<RecordedEvent> refused = named(events, "SessionRefused");
        assertEquals(List.of(true), sealed.stream().map(event -> event.getBoolean("made")).toList());
        assertEquals(List.of(true, false), opened.stream().map(event -> event.getBoolean("accepted")).toList());
        assertEquals(List.of("tampered"), refused.stream().map(event -> event.getString("reason")).toList());
        assertTrue(opened.get(0).getLong("taken") > 0);
        assertFalse(opened.get(0).getDuration("taken").compareTo(Duration.ofMinutes(1)) > 0);
    }

    @Test
    void nothingOfTheClientOrOfKeys() throws IOException
    {
        List<RecordedEvent> events = recorded(true);
        Set<String> fields = events.stream().flatMap(event -> event.getFields().stream()).map(ValueDescriptor::getName)
            .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(Set.of("accepted", "duration", "eventThread", "made", "reason", "stackTrace", "startTime", "taken"), fields);
        assertTrue(events.stream().allMatch(event -> event.getStackTrace() == null));
    }

    @Test
    void disabledUnlessSomebodyEnablesThem() throws IOException
    {
        assertEquals(List.of(), recorded(false));
    }

    private List<RecordedEvent> recorded(boolean enable) throws IOException
    {
        Path file = directory.resolve("test.jfr");
        try (Recording recording = new Recording())
        {
            if (enable)
            {
                NAMES.forEach(name -> recording.enable(PREFIX + name));
            }
            recording.start();
            byte[] ticket = resumption.begin(FakeHandshake.at(NOW)).seal(new byte[300], AAD, FORMAT).orElseThrow();
            assertTrue(resumption.begin(FakeHandshake.at(NOW)).open(ticket, AAD, FORMAT).isPresent());
            ticket[ticket.length - 1] ^= 1;
            assertTrue(resumption.begin(FakeHandshake.at(NOW)).open(ticket, AAD, FORMAT).isEmpty());
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream().filter(event -> event.getEventType().getName().startsWith(PREFIX)).toList();
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name)
    {
        return events.stream().filter(event -> event.getEventType().getName().equals(PREFIX + name)).toList();
    }
}
