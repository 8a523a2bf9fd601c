package io.github.tlsresumption.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Ordered rules: the first that matches a client gives its terms, and what that rule does not say is the connector's. The
 * connector's terms are also those of a client that no rule matches. {@code docs/policy.md} has the grammar.
 * <p>
 * Immutable, so thread-safe. A question looks at the rules that may match the client, whatever their number: those that name its host,
 * its network or its certificate, and those that name neither. The client's address and certificate are parsed at most once for it, and
 * only when rules ask for them.
 */
public final class Rules implements SessionPolicy
{
    private final List<Rule> rules;
    private final RuleIndex index;
    private final ConnectorTerms defaults;

    private Rules(List<Rule> rules, ConnectorTerms defaults)
    {
        this.rules = rules;
        this.index = new RuleIndex(rules);
        this.defaults = defaults;
    }

    /**
     * @param source where the text is from, for messages: a file, or the name of a property
     * @param text the rules, one per line, or several in a line with {@code ;} between
     * @param defaults the connector's own terms, whose duration none of the rules may exceed
     * @return the rules
     * @throws RulesException at the first fault
     */
    public static Rules parse(String source, String text, ConnectorTerms defaults)
    {
        return new Rules(new RuleParser(source, text, defaults).parse(), defaults);
    }

    @Override
    public SessionTerms terms(Client client)
    {
        return index.first(new Facts(client)).map(rule -> rule.terms(client.protocol(), defaults)).orElseGet(() -> defaults.terms(client));
    }

    /**
     * @param protocol as JSSE names it
     * @return whether a client that speaks it may have its sessions resumed; true also where only rules say so that match no client
     */
    public boolean mayResume(String protocol)
    {
        return defaults.mode(protocol) != ResumptionMode.OFF
            || rules.stream().anyMatch(rule -> rule.terms(protocol, defaults).mode() != ResumptionMode.OFF);
    }

    /**
     * @param mode a mode
     * @return whether a rule says it
     */
    public boolean say(ResumptionMode mode)
    {
        return rules.stream().anyMatch(rule -> rule.mode().equals(Optional.of(mode)));
    }

    /**
     * @return the names of the rules, in their order
     */
    public List<String> names()
    {
        return rules.stream().map(Rule::name).toList();
    }

    /**
     * @param protocol as JSSE names it
     * @return the terms of each rule for clients that speak it, by the rule's name
     */
    public Map<String, SessionTerms> terms(String protocol)
    {
        return rules.stream().collect(Collectors.toMap(Rule::name, rule -> rule.terms(protocol, defaults), (first, next) -> first));
    }

    /**
     * @return the rules as they could be written in one line
     */
    @Override
    public String toString()
    {
        return rules.stream().map(Rule::toString).collect(Collectors.joining("; "));
    }
}
