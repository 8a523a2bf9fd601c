package io.github.tlsresumption.forget;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * A log that other nodes use too, as one of them has it.
 */
public final class SharedForgetLog implements ForgetLog
{
    private final List<ForgetLogEntry> entries;
    private boolean down;
    private int given;

    /**
     * @param entries of all nodes
     */
    public SharedForgetLog(List<ForgetLogEntry> entries)
    {
        this.entries = entries;
    }

    /**
     * @param isDown whether it takes no entries
     */
    public void setDown(boolean isDown)
    {
        down = isDown;
    }

    @Override
    public void append(List<ForgetLogEntry> some) throws IOException
    {
        if (down)
        {
            throw new IOException("down");
        }
        entries.addAll(some);
    }

    @Override
    public void read(Consumer<ForgetLogEntry> sink)
    {
        while (given < entries.size())
        {
            sink.accept(entries.get(given++));
        }
    }

    @Override
    public boolean shared()
    {
        return true;
    }

    @Override
    public String describe()
    {
        return "a log";
    }

    @Override
    public void close()
    {
        given = 0;
    }
}
