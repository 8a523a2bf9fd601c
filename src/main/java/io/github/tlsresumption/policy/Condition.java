package io.github.tlsresumption.policy;

import java.util.Set;

/**
 * What a rule asks of a client. Immutable.
 */
@FunctionalInterface
interface Condition
{
    /**
     * @param trait what a client has when the condition holds
     * @param condition may ask for more
     * @return the same condition, by whose trait rules are found
     */
    static Condition of(Trait trait, Condition condition)
    {
        return of(Set.of(trait), condition);
    }

    /**
     * @param traits of which a client has at least one when the condition holds; none when such are not known
     * @param condition may ask for more
     * @return the same condition, by whose traits rules are found
     */
    static Condition of(Set<Trait> traits, Condition condition)
    {
        return new Condition()
        {
            @Override
            public boolean matches(Facts facts)
            {
                return condition.matches(facts);
            }

            @Override
            public Set<Trait> traits()
            {
                return traits;
            }
        };
    }

    /**
     * @param facts about the client
     * @return whether the condition holds
     */
    boolean matches(Facts facts);

    /**
     * @return traits of which a client has at least one when the condition holds; none when such are not known
     */
    default Set<Trait> traits()
    {
        return Set.of();
    }
}
