/**
 * The sealed envelope that a client carries: pure functions of keys, times and bytes. Of ours it knows {@code crypto} alone; neither Jetty
 * nor an engine.
 *
 * <p>Start with {@link io.github.tlsresumption.ticket.Ticket}, the envelope, and {@link io.github.tlsresumption.ticket.SessionRecord}, what
 * it says of a session.
 */
package io.github.tlsresumption.ticket;
