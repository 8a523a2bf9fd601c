package io.github.tlsresumption.policy;

/**
 * Decides on what terms a client's session is resumed.
 * <p>
 * It is asked when a ticket is sealed and again when it is opened, so that a decision that has become stricter binds
 * the sessions that exist; one that has become looser extends none. Implementations are thread-safe, do not block,
 * and answer from memory. What they throw counts as {@link ResumptionMode#OFF}.
 */
@FunctionalInterface
public interface SessionPolicy
{
    /**
     * @param client what is known of the client
     * @return its terms
     */
    SessionTerms terms(Client client);
}
