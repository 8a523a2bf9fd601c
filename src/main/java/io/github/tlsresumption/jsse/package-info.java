/**
 * All that this project knows of SunJSSE's insides: how it comes to ask us for its ticket key, what it puts around
 * a ticket, and where it has to be kept from doing things its own way.
 * Everything else knows it through {@link io.github.tlsresumption.engine.TicketProtector}.
 */
package io.github.tlsresumption.jsse;
