package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A user without a name on this host, as containers have. Needs root.
 *
 * @param uid the user's number
 * @param gid the number of the group
 */
record OtherUser(int uid, int gid)
{
    /**
     * @param command any
     * @return the command that runs it as this user, without any right of root
     */
    List<String> command(List<String> command)
    {
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--inh-caps=-all",
            "--no-new-privs", "--"));
        all.addAll(command);
        return all;
    }

    /**
     * @param base whatever is in it is to be read by all
     * @return Jetty, run by the command of {@code --dry-run} as this user
     */
    JettyProcess start(JettyBase base)
    {
        return JettyProcess.start(base, command(readable(base).dryRun()));
    }

    /**
     * @param base whatever is in it is to be read by all
     * @return Jetty, as by {@link #start}, to which the base is a read-only file system
     */
    JettyProcess startReadOnly(JettyBase base)
    {
        Tools.require("unshare");
        List<String> all = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", "sh", "-c",
            "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && cd \"$0\" && exec \"$@\"", base.path().toString()));
        all.addAll(command(readable(base).dryRun()));
        return JettyProcess.start(base, all);
    }

    /**
     * @param base where it is to run
     * @param command any
     * @return the same as {@link #command}, where this user can reach the base
     */
    List<String> commandFor(JettyBase base, List<String> command)
    {
        readable(base);
        return command(command);
    }

    /**
     * @param base whatever is in it is to be read by all
     * @return the log of the start that failed
     */
    String startFails(JettyBase base)
    {
        return JettyProcess.startFails(base, command(readable(base).dryRun()));
    }

    /**
     * @param arguments of the command line
     * @return what it left behind
     */
    Command.Output cli(String... arguments)
    {
        List<String> words = new ArrayList<>(List.of("-jar", System.getProperty("it.cliJar")));
        words.addAll(List.of(arguments));
        return Command.run(null, command(JettyHome.briefly(words)));
    }

    /**
     * @param path to be this user's
     * @param mode its mode
     * @return the path
     * @throws IOException when it cannot be given away
     */
    Path owns(Path path, int mode) throws IOException
    {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:mode", mode);
        return path;
    }

    /**
     * Does what the kubelet does to a volume with {@code fsGroup} at each mount.
     *
     * @param volume with all that is in it
     * @param group the group
     * @throws IOException when it cannot be done
     */
    static void mountForGroup(Path volume, int group) throws IOException
    {
        try (Stream<Path> all = Files.walk(volume))
        {
            for (Path path : all.toList())
            {
                int mode = (Integer)Files.getAttribute(path, "unix:mode") & 07777;
                Files.setAttribute(path, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:mode", mode | (Files.isDirectory(path) ? 02770 : 0660));
            }
        }
    }

    private JettyBase readable(JettyBase base)
    {
        Tools.require("setpriv");
        Command.Output reached = Command.run(null, command(List.of("test", "-r", JettyHome.path().resolve("start.jar").toString(), "-a",
            "-x", base.path().toString())));
        assumeTrue(reached.exit() == 0, "root alone may read the build directory, or this is not root:\n" + reached.text());
        return base;
    }
}
