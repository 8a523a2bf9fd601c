package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

/**
 * Reads key stores that the tests have made.
 */
final class KeyStores
{
    /** The password of every store and key. */
    static final String PASSWORD = "only-for-tests";

    private KeyStores()
    {
    }

    /**
     * @param file a PKCS#12 store
     * @return the store
     */
    static KeyStore load(Path file)
    {
        try (InputStream in = Files.newInputStream(file))
        {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            return store;
        }
        catch (IOException | GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }
}
