package io.github.tlsresumption.crypto;

import io.github.tlsresumption.accp.WithNativeCryptography;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * The same by native cryptography.
 */
@ExtendWith(WithNativeCryptography.class)
class Xaes256GcmNativeTest extends Xaes256GcmTest
{
    @Test
    void isDoneByTheNativeProvider() throws Exception
    {
        assertEquals(WithNativeCryptography.CORRETTO, AesCiphers.gcm().getProvider().getName());
    }
}
