package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

import io.github.tlsresumption.json.JsonObject;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.resumption.RingFigures;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RingStatus;

/**
 * Shows a ring of ticket keys: ids and times, never a key.
 */
final class RingView
{
    private RingView()
    {
    }

    static JsonObject json(TicketKeyStore store, TicketKeyRing ring, Instant now)
    {
        RingStatus status = RingFigures.of(ring, now, true);
        JsonObject json = new JsonObject().with("store", store.describe()).with("version", status.version())
            .with("exposure", status.exposure().map(exposure -> new JsonObject()
                .with("from", text(status.exposedFrom())).with("until", text(status.exposedUntil()))))
            .with("nextRotation", text(status.nextRotation()))
            .with("keys", status.keys().stream().map(RingView::json).toList());
        return json.with("dropped", ring.dropped().keySet().stream().sorted().map(HexFormat.of()::toHexDigits).toList());
    }

    private static JsonObject json(KeyStatus key)
    {
        return new JsonObject().with("id", key.id()).with("created", key.created().toString())
            .with("sealsFrom", key.sealsFrom().toString()).with("sealsUntil", key.sealsUntil().toString())
            .with("opensUntil", key.opensUntil().toString()).with("state", key.state());
    }

    private static Optional<String> text(Optional<Instant> time)
    {
        return time.map(Instant::toString);
    }

    static void print(PrintWriter out, TicketKeyRing ring, Instant now, String store)
    {
        RingStatus status = RingFigures.of(ring, now, true);
        out.println(store + ", version " + status.version());
        out.printf("%-16s  %-9s  %-24s  %-24s  %-24s%n", "id", "state", "seals from", "seals until", "opens until");
        for (KeyStatus key : status.keys())
        {
            out.printf("%-16s  %-9s  %-24s  %-24s  %-24s%n", key.id(), key.state(), key.sealsFrom(), key.sealsUntil(), key.opensUntil());
        }
        out.println("dropped before their time: " + ring.dropped().size());
        out.println(status.exposedFrom().map(from -> "Whoever has these keys opens tickets sealed from " + from
            + " on; servers take them until " + status.exposedUntil().orElseThrow()).orElse("No key opens anything."));
        status.nextRotation().ifPresent(next -> out.println("Next rotation: " + next));
    }
}
