package io.github.tlsresumption.jetty;

import java.util.EventListener;
import java.util.Optional;

import io.github.tlsresumption.files.ProcessUser;
import io.github.tlsresumption.files.ProcessUser.Successor;
import org.eclipse.jetty.server.Server;

/**
 * Knows Jetty's module {@code setuid}, whose classes are there only where it is enabled. Stateless.
 */
public final class SetUid
{
    private static final String LISTENER = "org.eclipse.jetty.setuid.SetUIDListener";

    private SetUid()
    {
    }

    /**
     * Finds out as whom the process goes on when the server has started, so that its files are given to that user. It may stay who it is,
     * or change before.
     *
     * @param server about to start
     * @throws IllegalStateException when that cannot be found out
     */
    public static void prepare(Server server)
    {
        ProcessUser.becomes(server.getEventListeners().stream().filter(listener -> LISTENER.equals(listener.getClass().getName()))
            .findFirst().flatMap(SetUid::successor));
    }

    private static Optional<Successor> successor(EventListener listener)
    {
        try
        {
            boolean isLate = (Boolean)get(listener, "isStartServerAsPrivileged");
            int uid = (Integer)get(listener, "getUid");
            // It changes neither to root nor to what was not set.
            return isLate && uid > 0 ? Optional.of(new Successor(uid, (Integer)get(listener, "getGid"))) : Optional.empty();
        }
        catch (ReflectiveOperationException e)
        {
            throw new IllegalStateException("this release of Jetty's module setuid is not known, so the ticket keys cannot be given to the"
                + " user whom the server becomes: set jetty.setuid.startServerAsPrivileged=false, or remove one of the modules", e);
        }
    }

    private static Object get(EventListener listener, String method) throws ReflectiveOperationException
    {
        return listener.getClass().getMethod(method).invoke(listener);
    }
}
