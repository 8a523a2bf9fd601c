package io.github.tlsresumption;

import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.RulesException;
import io.github.tlsresumption.settings.Refusal;

/**
 * Finds the setting that a failed start is about, where the message does not begin with one.
 */
final class BlamedSetting
{
    private final ResumptionSettings settings;
    private final ConnectorPolicy policy;
    private final Engine engine;

    BlamedSetting(ResumptionSettings settings, ConnectorPolicy policy, Engine engine)
    {
        this.settings = settings;
        this.policy = policy;
        this.engine = engine;
    }

    /**
     * @param failure of the start
     * @return the same for the operator
     */
    Refusal refusal(Throwable failure)
    {
        if (failure instanceof RulesException rules)
        {
            String line = rules.line() == 0 ? "" : "line " + rules.line() + ": ";
            return policy.file() == null ? Refusal.of(line + rules.problem(), "jetty.tlsResumption.rules")
                : Refusal.of(policy.file() + ": " + line + rules.problem(), "jetty.tlsResumption.rulesFile");
        }
        return Refusal.of(failure, settingInDoubt(failure));
    }

    private String settingInDoubt(Throwable failure)
    {
        if (engine.isFallenBack())
        {
            return "jetty.tlsResumption.fallback";
        }
        if (settings.isSecret() && failure instanceof TicketKeyStoreException)
        {
            return "jetty.tlsResumption.ticketKeyFile";
        }
        if (settings.sharedStores != null)
        {
            return settings.sharedStores.setting();
        }
        if (settings.ticketKeyStore != null)
        {
            return "setTicketKeyStore";
        }
        return settings.isInMemory() ? "jetty.tlsResumption.ticketKeyStore" : "jetty.tlsResumption.ticketKeyFile";
    }
}
