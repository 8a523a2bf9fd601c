package io.github.tlsresumption.files;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Libraries on the class path that do not fit together, as where an application brings another version of one that the module uses. The JVM
 * notices when it links a class, which may be late, and time does not mend it: so an operator must.
 */
public final class LibraryMismatch
{
    /** With dots or slashes, as the JVM's messages have both. */
    private static final Pattern CLASS = Pattern.compile("(?<![\\w$./])(?:[a-z_]\\w*[./])+[A-Z][\\w$]*");
    private static final Pattern PLATFORM = Pattern.compile("(?:java|javax|jdk|sun|com\\.sun)\\..*");
    private static final Pattern OURS = Pattern.compile("io\\.github\\.tlsresumption\\..*");
    private static final int DEEPEST = 16;

    private LibraryMismatch()
    {
    }

    /**
     * @param failure from a library, or from whoever called it
     * @return the error of the JVM in it, or among its causes, that says that classes do not fit together
     */
    public static Optional<Error> find(Throwable failure)
    {
        Throwable link = failure;
        for (int depth = 0; link != null && depth < DEEPEST; depth++)
        {
            if (link instanceof LinkageError || link instanceof ServiceConfigurationError)
            {
                return Optional.of((Error)link);
            }
            link = link.getCause();
        }
        return Optional.empty();
    }

    /**
     * @param failure from a library, or from whoever called it
     * @return which classes do not fit together, in which jars they are, and the fix; nothing when the failure has another cause
     */
    public static Optional<String> explain(Throwable failure)
    {
        return find(failure).map(LibraryMismatch::explain);
    }

    /**
     * @param failure of any kind
     * @return what to tell an operator: the explanation if there is one, otherwise the failure's own message
     */
    public static String messageOf(Throwable failure)
    {
        return explain(failure).orElseGet(() -> failure.getMessage() == null ? failure.toString() : failure.getMessage());
    }

    private static String explain(Error error)
    {
        List<String> places = new ArrayList<>();
        for (String name : classes(error))
        {
            List<String> jars = jars(name);
            places.add(name + (jars.isEmpty() ? " is in no jar" : " is in " + String.join(" and in ", jars)));
        }
        String where = places.isEmpty() ? "" : " (" + String.join("; ", places) + ")";
        return "libraries on the class path do not fit together: " + error + where
            + ". What to do: remove other versions of the module's libraries from lib/ext and from the class path; of a JDBC driver take a "
            + "release for Java " + Runtime.version().feature();
    }

    /**
     * @return those that the message names, and the one in whose code the JVM noticed
     */
    private static Set<String> classes(Error error)
    {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = CLASS.matcher(String.valueOf(error.getMessage()));
        while (matcher.find())
        {
            names.add(matcher.group().replace('/', '.'));
        }
        if (error.getStackTrace().length > 0)
        {
            names.add(error.getStackTrace()[0].getClassName());
        }
        names.removeIf(name -> PLATFORM.matcher(name).matches() || OURS.matcher(name).matches());
        return names;
    }

    /**
     * Looks for the file and loads nothing: the class may be the very one that cannot be linked.
     *
     * @return the first is the one that is used
     */
    private static List<String> jars(String name)
    {
        Set<String> jars = new LinkedHashSet<>();
        for (ClassLoader loader : new ClassLoader[]{Thread.currentThread().getContextClassLoader(), LibraryMismatch.class.getClassLoader()})
        {
            try
            {
                for (URL url : loader == null ? List.<URL>of() : Collections.list(loader.getResources(name.replace('.', '/') + ".class")))
                {
                    jars.add(url.toString().replaceAll("^(?:jar:)?(?:file:)?|!/.*$", ""));
                }
            }
            catch (IOException e)
            {
                jars.add("a jar that cannot be read (" + e.getMessage() + ")");
            }
        }
        return List.copyOf(jars);
    }
}
