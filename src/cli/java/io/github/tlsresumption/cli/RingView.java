package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

import io.github.tlsresumption.json.JsonObject;
import io.github.tlsresumption.keys.Exposure;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;

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
        JsonObject json = new JsonObject().with("store", store.describe()).with("version", ring.version())
            .with("exposure", ring.exposure(now).map(RingView::json)).with("nextRotation", ring.nextRotation(now).map(Instant::toString))
            .with("keys", ring.keys().stream().map(key -> new JsonObject().with("id", hex(key.id()))
                .with("created", key.created().toString()).with("sealsFrom", key.sealFrom().toString())
                .with("sealsUntil", key.sealUntil().toString()).with("opensUntil", key.openUntil().toString())
                .with("state", state(key, now))).toList());
        return json.with("dropped", ring.dropped().keySet().stream().sorted().map(RingView::hex).toList());
    }

    private static JsonObject json(Exposure exposure)
    {
        return new JsonObject().with("from", exposure.from().toString()).with("until", exposure.until().toString());
    }

    static void print(PrintWriter out, TicketKeyRing ring, Instant now, String store)
    {
        out.println(store + ", version " + ring.version());
        out.printf("%-16s  %-9s  %-24s  %-24s  %-24s%n", "id", "state", "seals from", "seals until", "opens until");
        for (TicketKey key : ring.keys())
        {
            out.printf("%-16s  %-9s  %-24s  %-24s  %-24s%n", hex(key.id()), state(key, now), key.sealFrom(), key.sealUntil(),
                key.openUntil());
        }
        out.println("dropped before their time: " + ring.dropped().size());
        out.println(ring.exposure(now).map(exposure -> "Whoever has these keys opens tickets sealed from " + exposure.from()
            + " on; servers take them until " + exposure.until()).orElse("No key opens anything."));
        ring.nextRotation(now).ifPresent(next -> out.println("Next rotation: " + next));
    }

    private static String state(TicketKey key, Instant now)
    {
        return key.state(now).name().toLowerCase(Locale.ROOT);
    }

    private static String hex(long id)
    {
        return HexFormat.of().toHexDigits(id);
    }
}
