package io.github.tlsresumption.settings;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why the server does not start, in one line and before whoever called logs a trace. Thread-safe.
 */
public final class StartRefusals
{
    private static final Logger LOG = LoggerFactory.getLogger(StartRefusals.class);

    private StartRefusals()
    {
    }

    /**
     * @param refusal goes to the log
     */
    public static void log(Refusal refusal)
    {
        LOG.error(refusal.line());
    }

    /**
     * @param failure that ends the start
     * @param setting that is meant when its message does not begin with one
     * @param <T> its type
     * @return the failure, to be thrown
     */
    public static <T extends Throwable> T logged(T failure, String setting)
    {
        log(Refusal.of(failure, setting));
        return failure;
    }
}
