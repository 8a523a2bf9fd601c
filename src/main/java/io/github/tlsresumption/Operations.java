package io.github.tlsresumption;

import java.io.IOException;
import java.util.List;

import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.resumption.ForgetOrder;
import io.github.tlsresumption.resumption.Forgetting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations of a running connector: rotate or drop its ticket keys, forget somebody, read the rules again. Thread-safe.
 */
final class Operations
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);

    private final ConnectorPolicy policy;
    private final Engine engine;
    private final ScopeMember member;
    private final Duties duties;

    Operations(ConnectorPolicy policy, Engine engine, ScopeMember member, Duties duties)
    {
        this.policy = policy;
        this.engine = engine;
        this.member = member;
        this.duties = duties;
    }

    /**
     * @return what forgets sessions, of a scope that knows all stores by which there may be some
     * @throws IllegalStateException when not started, or the stores cannot be used
     */
    Forgetting forgetting()
    {
        Scope current = member.started();
        try
        {
            current.wakeToForget();
        }
        catch (TicketKeyStoreException e)
        {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return current.parts().forgetting();
    }

    /**
     * @param order says who is forgotten, also where the stores cannot be used yet by which there may be sessions
     * @throws IOException when other processes have not been told yet
     * @throws IllegalStateException when not started
     */
    void forget(ForgetOrder order) throws IOException
    {
        member.started().forget(order);
    }

    /**
     * @param rule the name of a rule whose clients are forgotten
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when there is no such rule
     */
    void forgetRule(String rule) throws IOException
    {
        member.started();
        List<String> names = policy.names().orElse(List.of(rule));
        if (!names.contains(rule))
        {
            throw new IllegalArgumentException("there is no rule '" + rule + "': " + (names.isEmpty() ? "there are none" : "use " + names));
        }
        forget(forgetting -> forgetting.forgetRule(rule));
    }

    void rotateTicketKeys() throws TicketKeyStoreException
    {
        Scope current = member.started();
        if (!current.isAwake())
        {
            throw new IllegalStateException("no session of scope " + current.name() + " is resumed, so there are no ticket keys");
        }
        current.parts().ring().rotateNow();
    }

    void dropTicketKeys() throws TicketKeyStoreException
    {
        Scope current = member.started();
        // There may be some of before the modes were off, or others'.
        current.wakeToForget();
        if (current.isAwake())
        {
            current.parts().ring().dropAll();
        }
        engine.forgetCachedSessions();
        try
        {
            current.parts().forgetting().forgetDropped();
        }
        catch (IOException e)
        {
            LOG.warn("The ticket keys were dropped: {}", e.getMessage());
        }
    }

    void reloadRules()
    {
        policy.reload();
        duties.rulesHaveChanged();
    }
}
