package io.github.tlsresumption.policy;

/**
 * What a rule asks of a client. Immutable.
 */
@FunctionalInterface
interface Condition
{
    /**
     * @param facts about the client
     * @return whether the condition holds
     */
    boolean matches(Facts facts);
}
