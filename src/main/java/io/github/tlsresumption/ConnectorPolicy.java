package io.github.tlsresumption;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.Rules;
import io.github.tlsresumption.policy.RulesFile;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;

/**
 * Who decides on the terms of a connector's clients: a policy of the application's, rules, rules in a file, or the connector's settings
 * alone; in any case within the maximum duration of the connector and
 * without a mode that it forbids. To be configured by one thread; thread-safe when started.
 */
final class ConnectorPolicy implements SessionPolicy
{
    private static final String RULES = "jetty.tlsResumption.rules";

    private final List<String> rules = new ArrayList<>();
    private Path file;
    private SessionPolicy custom;
    private ConnectorTerms limit;
    private SessionPolicy policy;
    private RulesFile reloadable;

    /**
     * Takes over who decides on another connector.
     */
    void inherit(ConnectorPolicy other)
    {
        rules.clear();
        rules.addAll(other.rules);
        file = other.file;
        custom = other.custom;
    }

    void setRules(String text)
    {
        rules.clear();
        addRules(text);
    }

    void addRules(String text)
    {
        if (!text.isBlank())
        {
            rules.add(text);
        }
    }

    /**
     * @param protocol as JSSE names it
     * @return whether a client that speaks it may have its sessions resumed, by the rules in force
     */
    boolean mayResume(String protocol)
    {
        if (reloadable != null)
        {
            return reloadable.mayResume(protocol);
        }
        if (policy instanceof Rules known)
        {
            return known.mayResume(protocol);
        }
        // What a policy of the application's own answers is not known beforehand.
        return custom != null || limit.mode(protocol) != ResumptionMode.OFF;
    }

    /**
     * @return whether it may decide otherwise than the connector's settings
     */
    boolean decides()
    {
        return !rules.isEmpty() || file != null || custom != null;
    }

    /**
     * @return whether the application's own decides, which may wait for something
     */
    boolean isCustom()
    {
        return custom != null;
    }

    void setFile(Path file)
    {
        this.file = file;
    }

    Path file()
    {
        return file;
    }

    void setCustom(SessionPolicy custom)
    {
        this.custom = custom;
    }

    /**
     * @param terms of the connector, where nobody says otherwise
     * @throws IllegalStateException when more than one decides
     * @throws IllegalArgumentException when a rule is bad, or the file cannot be read
     */
    void start(ConnectorTerms terms)
    {
        int deciders = (rules.isEmpty() ? 0 : 1) + (file != null ? 1 : 0) + (custom != null ? 1 : 0);
        if (deciders > 1)
        {
            throw new IllegalStateException("of " + RULES + ", jetty.tlsResumption.rulesFile and a SessionPolicy more than one is set: "
                + "keep one");
        }
        limit = terms;
        reloadable = file == null ? null : new RulesFile(file, terms);
        if (reloadable != null)
        {
            policy = reloadable;
        }
        else if (!rules.isEmpty())
        {
            policy = Rules.parse(RULES, String.join("\n", rules), terms);
        }
        else
        {
            policy = custom == null ? terms : custom;
        }
    }

    @Override
    public SessionTerms terms(Client client)
    {
        SessionTerms terms = policy.terms(client);
        boolean longer = terms.maxDuration().compareTo(limit.maxDuration()) > 0;
        // Rules are refused when they are read; a policy of the application's own is known by its answers only.
        boolean forbidden = !limit.allows(terms.mode(), client.protocol());
        return longer || forbidden
            ? new SessionTerms(forbidden ? ResumptionMode.CACHE : terms.mode(), longer ? limit.maxDuration() : terms.maxDuration(),
                terms.singleUse(), terms.rule())
            : terms;
    }

    /**
     * @param mode a mode
     * @return whether somebody may choose it beside the connector's settings; of a policy of the application's that is not known, so it may
     */
    boolean mayChoose(ResumptionMode mode)
    {
        if (reloadable != null)
        {
            return reloadable.say(mode);
        }
        return policy instanceof Rules rules ? rules.say(mode) : custom != null;
    }

    /**
     * Looks whether the file has changed. To be called every second or so.
     *
     * @return whether there are other rules now
     */
    boolean poll()
    {
        return reloadable != null && reloadable.poll();
    }

    /**
     * Reads the file again.
     *
     * @throws IllegalStateException when there is none
     * @throws IllegalArgumentException when it is bad; the rules stay as they are
     */
    void reload()
    {
        if (reloadable == null)
        {
            throw new IllegalStateException("jetty.tlsResumption.rulesFile is not set, so there is nothing to reload");
        }
        reloadable.reload();
    }

    /**
     * @return the rules' names in their order, none when there are no rules, or empty when the application decides
     */
    Optional<List<String>> names()
    {
        if (reloadable != null)
        {
            return Optional.of(reloadable.names());
        }
        if (policy instanceof Rules known)
        {
            return Optional.of(known.names());
        }
        return policy == custom ? Optional.empty() : Optional.of(List.of());
    }

    /**
     * @param protocol as JSSE names it
     * @return the terms of each rule in force for clients that speak it, by the rule's name; none where the application decides
     */
    Map<String, SessionTerms> ruleTerms(String protocol)
    {
        if (reloadable != null)
        {
            return reloadable.terms(protocol);
        }
        return policy instanceof Rules known ? known.terms(protocol) : Map.of();
    }

    /**
     * @return the rules in force as text
     */
    String describe()
    {
        if (policy == null)
        {
            return "";
        }
        return reloadable != null || policy instanceof Rules ? policy.toString() : policy == custom ? custom.getClass().getName() : "";
    }

    /**
     * @return what is wrong with the file now, or empty
     */
    String problem()
    {
        return reloadable == null ? "" : reloadable.problem().orElse("");
    }
}
