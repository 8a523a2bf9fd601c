/**
 * All that this project knows of SunJSSE's insides: how it comes to ask us for its ticket key, what it puts around
 * a ticket, and where it has to be kept from doing things its own way. Knows {@code engine}, {@code ticket}, {@code crypto} and
 * {@code log} only; others find it by {@link io.github.tlsresumption.engine.TlsEngine}, and it asks for decisions by
 * {@link io.github.tlsresumption.engine.TicketProtector}.
 *
 * <p>Start with {@code JdkEngine}, the way in, and {@code ResumptionSSLContextSpi}, a context. An engine is a {@code ResumptionSSLEngine};
 * its {@code EngineHandshake} drives what concerns one handshake: {@code HandshakeFacts}, what is known of it, {@code TicketExchange}, its
 * tickets, and {@code OfferedSessions}, the sessions of SunJSSE's own cache that its client names. {@code StekProvider} and
 * {@code TicketCipher} are where SunJSSE comes to us. {@code SelfTest} tells whether all that holds for the JDK at hand.
 */
package io.github.tlsresumption.jsse;
