/**
 * The decision: whether a session may be resumed, until when, and what its ticket is. It uses the keys, the policy, the forget list,
 * and {@code engine}, through which it is asked. It uses neither Jetty nor an implementation of TLS.
 *
 * <p>Start with {@link io.github.tlsresumption.resumption.ConnectorResumption}, which an engine asks in each handshake. Of its parts,
 * {@code SessionJudge} decides about an offered session, {@code HandshakeSession} is the session of a handshake, and
 * {@code EnvelopeTickets} and {@code RingKeyTickets} are the two forms of tickets.
 */
package io.github.tlsresumption.resumption;
