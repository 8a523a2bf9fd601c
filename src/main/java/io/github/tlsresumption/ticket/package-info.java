/**
 * The sealed envelope that a client carries: pure functions of keys, times and bytes. Of ours it uses only {@code crypto}; it uses neither
 * Jetty nor an engine.
 *
 * <p>Start with {@link io.github.tlsresumption.ticket.Ticket}, the envelope, and {@link io.github.tlsresumption.ticket.SessionRecord}, its
 * facts about a session.
 */
package io.github.tlsresumption.ticket;
