package io.github.tlsresumption.fuzz;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.Rules;
import io.github.tlsresumption.policy.RulesException;

/**
 * Text for rules: refused with a place and a reason, or rules, which are the same when they are written and read again.
 */
public final class RulesFuzz
{
    private static final ConnectorTerms TERMS = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, Duration.ofDays(7));

    private RulesFuzz()
    {
    }

    /**
     * @param data any bytes
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        Rules rules;
        try
        {
            rules = Rules.parse("fuzz", new String(data, StandardCharsets.UTF_8), TERMS);
        }
        catch (RulesException e)
        {
            if (e.getMessage().isEmpty())
            {
                throw new AssertionError("no reason", e);
            }
            return;
        }
        String written = rules.toString();
        if (!Rules.parse("again", written, TERMS).toString().equals(written))
        {
            throw new AssertionError("other rules: " + written);
        }
        for (String protocol : List.of("TLSv1.2", "TLSv1.3"))
        {
            rules.terms(new Client(protocol, Optional.of("www.example.com"), Optional.of("192.0.2.1"), List.of()));
            rules.terms(new Client(protocol, Optional.empty(), Optional.empty(), List.of()));
        }
    }
}
