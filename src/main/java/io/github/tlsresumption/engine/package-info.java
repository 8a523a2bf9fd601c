/**
 * What an implementation of TLS and the decision about its sessions say to each other, and what implementations share. Of ours it knows
 * {@code ticket} and {@code crypto}; it knows no implementation.
 *
 * <p>Start with {@link io.github.tlsresumption.engine.TlsEngine}, which an implementation is, and
 * {@link io.github.tlsresumption.engine.TicketProtector}, whom it asks. Engines that hand out the state of a session use
 * {@link io.github.tlsresumption.engine.StateTickets}, those that seal tickets themselves
 * {@link io.github.tlsresumption.engine.KeyTickets}.
 */
package io.github.tlsresumption.engine;
