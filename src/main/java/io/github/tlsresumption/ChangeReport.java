package io.github.tlsresumption;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log line of each change that an operator makes while the server runs, the same by whichever way. No secrets.
 */
public final class ChangeReport
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);

    private final String way;

    /**
     * @param way by which changes come, and from where
     */
    public ChangeReport(String way)
    {
        this.way = way;
    }

    /**
     * @param scope where it is done; null when it is not known
     * @param change what is done
     */
    public void done(String scope, OperatorChange change)
    {
        LOG.info("Scope {}: {} {}, by {}", name(scope), change.subject(), change.done(), way);
    }

    /**
     * @param scope where it is done
     * @param change what is done in this process, and not elsewhere yet
     * @param problem why not
     */
    public void doneHere(String scope, OperatorChange change, String problem)
    {
        LOG.info("Scope {}: {} {}, by {}; other processes have not been told yet: {}", name(scope), change.subject(), change.done(), way,
            problem);
    }

    /**
     * @param scope where it should have been done
     * @param change what is not done
     * @param problem why not
     */
    public void notDone(String scope, OperatorChange change, String problem)
    {
        LOG.info("Scope {}: {} not {}, by {}: {}", name(scope), change.subject(), change.done(), way, problem);
    }

    private static String name(String scope)
    {
        return scope == null ? "(none)" : OperatorChange.plain(scope);
    }
}
