/**
 * The interface between an implementation of TLS and the decision about its sessions, and code that implementations share. Of ours it
 * uses {@code ticket} and {@code crypto}; it uses no implementation.
 *
 * <p>Start with {@link io.github.tlsresumption.engine.TlsEngine}, which implementations implement, and
 * {@link io.github.tlsresumption.engine.TicketProtector}, which they ask. Engines that hand out the state of a session use
 * {@link io.github.tlsresumption.engine.StateTickets}, those that seal tickets themselves
 * {@link io.github.tlsresumption.engine.KeyTickets}.
 */
package io.github.tlsresumption.engine;
