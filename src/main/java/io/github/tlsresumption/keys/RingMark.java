package io.github.tlsresumption.keys;

import java.io.IOException;

/**
 * Remembers, outside the store, the highest version that its ring has had: so a ring that was put back from a backup while nobody ran is
 * known from the present one. Its keys may have been dropped since, because they were stolen. Safe for use by many threads.
 */
public interface RingMark
{
    /**
     * Remembers nothing.
     */
    RingMark NONE = new RingMark()
    {
        @Override
        public long version()
        {
            return 0;
        }

        @Override
        public void raise(long version)
        {
            // See above.
        }
    };

    /**
     * @return the highest version known; 0 for none
     */
    long version();

    /**
     * @param version of a ring that is in the store; a lower one than is known changes nothing
     * @throws IOException when it is not sure that it will be known after a restart
     */
    void raise(long version) throws IOException;
}
