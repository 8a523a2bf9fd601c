package io.github.tlsresumption.resumption;

import java.security.cert.X509Certificate;
import java.util.List;

import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.ticket.SessionRecord;

/**
 * What a ticket held.
 *
 * @param record about the session
 * @param key the session's own, null in mode {@code ticket}
 * @param state the engine's
 * @param certificates the client's chain when the session was established, its own first
 */
record TicketContent(SessionRecord record, SessionKey key, byte[] state, List<X509Certificate> certificates)
{
}
