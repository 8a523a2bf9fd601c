/**
 * The decision: whether a session may be resumed, until when, and what its ticket is. Knows the keys, the policy and who was forgotten,
 * and {@code engine}, by which it is asked; neither Jetty nor an implementation of TLS.
 *
 * <p>Start with {@link io.github.tlsresumption.resumption.ConnectorResumption}, whom an engine asks in each handshake. Of what it is made
 * of, {@code SessionJudge} decides about a session that is offered, {@code HandshakeSession} is the session of a handshake, and
 * {@code EnvelopeTickets} and {@code RingKeyTickets} are the two forms of tickets.
 */
package io.github.tlsresumption.resumption;
