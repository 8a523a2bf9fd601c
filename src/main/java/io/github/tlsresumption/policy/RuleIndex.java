package io.github.tlsresumption.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the first rule that matches a client without looking at all: each rule is filed under traits of which its clients have one, those
 * of the condition that says most. What has no such condition is looked at each time. Immutable.
 */
final class RuleIndex
{
    private final List<Rule> rules;
    /** Places of rules, in their order. */
    private final Map<Trait, List<Integer>> byTrait = new HashMap<>();
    private final List<Integer> others = new ArrayList<>();
    /** Without {@link Trait.Kind#NETWORK}. */
    private final Set<Trait.Kind> kinds = new TreeSet<>();
    private final Set<Integer> prefixes = new TreeSet<>();

    /**
     * @param rules in their order
     */
    RuleIndex(List<Rule> rules)
    {
        this.rules = rules;
        Map<Trait, Integer> uses = new HashMap<>();
        for (Rule rule : rules)
        {
            rule.conditions().forEach(condition -> condition.traits().forEach(trait -> uses.merge(trait, 1, Integer::sum)));
        }
        for (int place = 0; place < rules.size(); place++)
        {
            file(place, rules.get(place).conditions().stream().map(Condition::traits).filter(traits -> !traits.isEmpty())
                .min(Comparator.comparingInt(traits -> traits.stream().mapToInt(uses::get).max().orElseThrow())));
        }
    }

    private void file(int place, Optional<Set<Trait>> traits)
    {
        if (traits.isEmpty())
        {
            others.add(place);
            return;
        }
        for (Trait trait : traits.get())
        {
            byTrait.computeIfAbsent(trait, key -> new ArrayList<>()).add(place);
            if (trait.kind() == Trait.Kind.NETWORK)
            {
                prefixes.add(Trait.prefix(trait));
            }
            else
            {
                kinds.add(trait.kind());
            }
        }
    }

    /**
     * @return the first rule that matches
     */
    Optional<Rule> first(Facts facts)
    {
        int found = firstOf(others, rules.size(), facts);
        for (Trait.Kind kind : kinds)
        {
            for (Object value : kind.of(facts))
            {
                found = firstOf(new Trait(kind, value), found, facts);
            }
        }
        if (!prefixes.isEmpty() && facts.address().isPresent())
        {
            byte[] address = facts.address().get();
            for (int prefix : prefixes)
            {
                if (prefix <= address.length * Byte.SIZE)
                {
                    found = firstOf(Trait.network(address, prefix), found, facts);
                }
            }
        }
        return found == rules.size() ? Optional.empty() : Optional.of(rules.get(found));
    }

    private int firstOf(Trait trait, int end, Facts facts)
    {
        return firstOf(byTrait.getOrDefault(trait, List.of()), end, facts);
    }

    /** Of those before the end, or the end. */
    private int firstOf(List<Integer> places, int end, Facts facts)
    {
        for (int place : places)
        {
            if (place >= end)
            {
                break;
            }
            if (rules.get(place).matches(facts))
            {
                return place;
            }
        }
        return end;
    }
}
