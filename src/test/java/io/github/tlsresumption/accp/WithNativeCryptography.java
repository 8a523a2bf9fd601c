package io.github.tlsresumption.accp;

import java.security.Security;

import io.github.tlsresumption.crypto.AesGcmKey;
import io.github.tlsresumption.it.Tools;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs the tests of a class with the native providers in front of the JDK's.
 */
public final class WithNativeCryptography implements BeforeAllCallback, AfterAllCallback
{
    public static final String CORRETTO = "NativeCorretto";
    public static final String X25519 = "NativeX25519";

    @Override
    public void beforeAll(ExtensionContext context)
    {
        if (!NativeCryptography.install())
        {
            remove();
            Tools.missing("native cryptography is not for this platform");
        }
        AesGcmKey.chooseProvider();
    }

    @Override
    public void afterAll(ExtensionContext context)
    {
        remove();
    }

    /**
     * Takes the providers out, if they are there.
     */
    public static void remove()
    {
        Security.removeProvider(CORRETTO);
        Security.removeProvider(X25519);
        AesGcmKey.chooseProvider();
    }
}
