package io.github.tlsresumption.policy;

/**
 * Decides on what terms a client's session is resumed.
 * <p>
 * It is asked at each full handshake, and again, with the same facts about the client, at each resumption; and once a minute, and when
 * somebody is forgotten, for sessions of clients without tickets. So a decision
 * that has become stricter binds the sessions that exist, at once; one that has become looser extends none. Handshakes
 * wait for the answer: implementations are thread-safe, do not block (no file, no network, no look-up of names), and
 * answer from memory. What they throw counts as {@link ResumptionMode#OFF}: the client gets a full handshake.
 */
@FunctionalInterface
public interface SessionPolicy
{
    /**
     * @param client what is known of the client
     * @return its terms; durations beyond the connector's are cut to that
     */
    SessionTerms terms(Client client);
}
