package io.github.tlsresumption.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One rule. Immutable.
 *
 * @param name its name
 * @param conditions all of which must hold
 * @param mode the mode, or empty for the connector's
 * @param maxDuration the maximum duration of a session
 * @param singleUse whether each ticket resumes once only
 * @param text the rule as it could be written
 */
record Rule(String name, List<Condition> conditions, Optional<ResumptionMode> mode, Duration maxDuration, boolean singleUse, String text)
{
    boolean matches(Facts facts)
    {
        for (Condition condition : conditions)
        {
            if (!condition.matches(facts))
            {
                return false;
            }
        }
        return true;
    }

    SessionTerms terms(String protocol, ConnectorTerms defaults)
    {
        return new SessionTerms(mode.orElse(defaults.mode(protocol)), maxDuration, singleUse, name);
    }

    @Override
    public String toString()
    {
        return text;
    }
}
