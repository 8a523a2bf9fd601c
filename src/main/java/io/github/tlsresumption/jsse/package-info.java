/**
 * All code that depends on SunJSSE's internals: how SunJSSE comes to ask us for its ticket key, what it puts around a ticket, and where we
 * must change its behaviour. It uses only {@code engine}, {@code ticket}, {@code crypto} and {@code log}. Others find it through
 * {@link io.github.tlsresumption.engine.TlsEngine}, and it asks for decisions through
 * {@link io.github.tlsresumption.engine.TicketProtector}.
 *
 * <p>Start with {@code JdkEngine}, the way in, and {@code ResumptionSSLContextSpi}, a context. An engine is a {@code ResumptionSSLEngine};
 * its {@code EngineHandshake} drives the parts of one handshake: {@code HandshakeFacts} has the known facts, {@code TicketExchange} the
 * tickets, and {@code OfferedSessions} the sessions of SunJSSE's own cache that the client names. SunJSSE calls us through
 * {@code StekProvider} and {@code TicketCipher}. {@code SelfTest} checks that all this works with the present JDK.
 */
package io.github.tlsresumption.jsse;
