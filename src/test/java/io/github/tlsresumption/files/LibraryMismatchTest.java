package io.github.tlsresumption.files;

import java.io.IOException;
import java.util.Optional;
import java.util.ServiceConfigurationError;

import org.apache.commons.pool2.impl.GenericObjectPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LibraryMismatchTest
{
    private static String explain(Throwable failure)
    {
        return LibraryMismatch.explain(failure).orElseThrow();
    }

    /**
     * As JVMs write them: with dots and with slashes.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "'void org.apache.commons.pool2.impl.GenericObjectPool.evict(java.lang.String)'",
        "org/apache/commons/pool2/impl/GenericObjectPool has been compiled by a more recent version of the Java Runtime",
        "Receiver class org.apache.commons.pool2.impl.GenericObjectPool does not define or implement the resolved method 'void a.B.c()'"})
    void theJarOfAClassIsNamed(String message)
    {
        String jar = GenericObjectPool.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        String text = explain(new IOException("no connection", new NoSuchMethodError(message)));
        assertTrue(text.contains("org.apache.commons.pool2.impl.GenericObjectPool is in " + jar), text);
        assertTrue(text.contains("lib/ext"), text);
        assertFalse(text.contains("java.lang.String is in"), text);
    }

    @Test
    void aClassThatIsMissingIsInNoJar()
    {
        String text = explain(new NoClassDefFoundError("redis/clients/jedis/NoSuchThing"));
        assertTrue(text.contains("redis.clients.jedis.NoSuchThing is in no jar"), text);
    }

    @Test
    void providersThatCannotBeMadeAreAMismatchToo()
    {
        assertTrue(explain(new ServiceConfigurationError("x.Y: Provider x.Y not a subtype")).contains("x.Y"));
    }

    @Test
    void whatIsNoMatterOfClassesIsNone()
    {
        assertEquals(Optional.empty(), LibraryMismatch.explain(new IOException("down", new OutOfMemoryError("heap"))));
        IOException circle = new IOException("one");
        circle.initCause(new IOException("two", circle));
        assertEquals(Optional.empty(), LibraryMismatch.explain(circle));
    }
}
