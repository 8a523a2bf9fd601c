package io.github.tlsresumption.forget;

import java.util.List;
import java.util.function.Consumer;

/**
 * Keeps nothing.
 */
enum NoForgetLog implements ForgetLog
{
    INSTANCE;

    @Override
    public void append(List<ForgetLogEntry> entries)
    {
        // The list of this process knows.
    }

    @Override
    public void read(Consumer<ForgetLogEntry> sink)
    {
        // Nobody else writes.
    }

    @Override
    public void beginAgain(ForgetLogEntry.ForgetEveryone everyone)
    {
        // The list of this process begins again.
    }

    @Override
    public String describe()
    {
        return "memory";
    }

    @Override
    public void close()
    {
        // Holds nothing.
    }
}
