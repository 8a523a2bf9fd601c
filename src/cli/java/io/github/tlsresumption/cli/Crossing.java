package io.github.tlsresumption.cli;

import io.github.tlsresumption.json.JsonObject;

/**
 * A session of one node offered to another.
 *
 * @param from whose session it is
 * @param to whom it was offered
 * @param variant the client
 * @param result what became of it
 */
record Crossing(Node from, Node to, Variant variant, Examination.Trial result)
{
    JsonObject json()
    {
        return new JsonObject().with("from", from.name()).with("to", to.name()).with("protocol", variant.protocol().toString())
            .with("tickets", variant.tickets()).with("result", result.toString());
    }
}
