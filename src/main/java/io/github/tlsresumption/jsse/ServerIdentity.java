package io.github.tlsresumption.jsse;

import java.util.List;
import java.util.Optional;

/**
 * As whom a context shows itself to the clients of a host. Immutable.
 *
 * @param digest of the chains, and of all other settings that bind a session to its context
 * @param chains the server's certificates, for each type of keys that it has
 */
record ServerIdentity(long digest, List<LocalChain> chains)
{
    /**
     * @param state any
     * @return the chain that is its last part, if one is
     */
    Optional<LocalChain> chainIn(byte[] state)
    {
        return chains.stream().filter(chain -> chain.isIn(state)).findFirst();
    }

    /**
     * @param number of a chain
     * @return that chain, if there is one
     */
    Optional<LocalChain> chain(int number)
    {
        return chains.stream().filter(chain -> chain.number() == number).findFirst();
    }
}
