package io.github.tlsresumption;

import java.io.IOException;

import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.keys.RingMark;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The version of the ring, remembered by the node and in the log of the forgotten: whichever knows the higher one is right. Thread-safe.
 */
final class RingMarks implements RingMark
{
    private static final Logger LOG = LoggerFactory.getLogger(RingMarks.class);

    private final RingMark node;
    private volatile ForgetList list;

    /**
     * @param node the node's own mark
     */
    RingMarks(RingMark node)
    {
        this.node = node;
    }

    /**
     * @param other the other place
     */
    void add(ForgetList other)
    {
        list = other;
    }

    /**
     * Keeps the log from letting go of the version in time. Throws nothing.
     *
     * @param version in use
     */
    void refresh(long version)
    {
        ForgetList other = list;
        try
        {
            if (other != null)
            {
                other.rememberRing(version);
            }
        }
        catch (Throwable e)
        {
            // The list says itself what is wrong with its log. An Error, thrown on, would end the scheduler's calls for ever.
            LOG.debug("The ring's version is not in the log yet", e);
        }
    }

    @Override
    public long version()
    {
        ForgetList other = list;
        return Math.max(node.version(), other == null ? 0 : other.ringVersion());
    }

    @Override
    public void raise(long version) throws IOException
    {
        ForgetList other = list;
        try
        {
            node.raise(version);
        }
        finally
        {
            if (other != null)
            {
                other.rememberRing(version);
            }
        }
    }
}
