package io.github.tlsresumption.resumption;

import java.io.IOException;

/**
 * Says who is to be forgotten, and can say it again where it could not be done.
 */
@FunctionalInterface
public interface ForgetOrder
{
    /**
     * @param forgetting does it
     * @throws IOException when others have not been told yet
     */
    void giveTo(Forgetting forgetting) throws IOException;
}
