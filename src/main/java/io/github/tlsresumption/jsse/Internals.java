package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.util.Optional;

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
            return find(type, name);
        }
        catch (InaccessibleObjectException | ReflectiveOperationException e)
        {
            return null;
        }
    }

    /**
     * @param type the name of a class of SunJSSE, without its package
     * @param names of fields of that class
     * @return why one of them cannot be had, with the name of the field and of the JDK, or empty
     */
    static Optional<String> obstacle(String type, String... names)
    {
        for (String name : names)
        {
            try
            {
                find(type, name);
            }
            catch (InaccessibleObjectException e)
            {
                return Optional.of("the JVM runs without the option " + option());
            }
            catch (ReflectiveOperationException e)
            {
                return Optional.of("this JDK (" + jdk() + ") has no " + PACKAGE + type + "." + name);
            }
        }
        return Optional.empty();
    }

    /**
     * @return vendor and version of this JDK
     */
    static String jdk()
    {
        return System.getProperty("java.vendor") + " " + Runtime.version();
    }

    private static Field find(String type, String name) throws ReflectiveOperationException
    {
        Field field = Class.forName(PACKAGE + type).getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static String option()
    {
        Module module = Internals.class.getModule();
        return module.isNamed() ? KeyNumber.OPTION.replace("ALL-UNNAMED", module.getName()) : KeyNumber.OPTION;
    }
}
