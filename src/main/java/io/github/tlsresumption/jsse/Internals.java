package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;

/**
 * Finds fields of SunJSSE. Stateless.
 */
final class Internals
{
    static final String PACKAGE = "sun.security.ssl.";

    private Internals()
    {
    }

    /**
     * @param type the name of a class of SunJSSE, without its package
     * @param name of a field
     * @return the field, which can be read and written; null where this JDK has no such field, or does not let us
     */
    static Field field(String type, String name)
    {
        try
        {
            Field field = Class.forName(PACKAGE + type).getDeclaredField(name);
            field.setAccessible(true);
            return field;
        }
        catch (InaccessibleObjectException | ReflectiveOperationException e)
        {
            return null;
        }
    }
}
