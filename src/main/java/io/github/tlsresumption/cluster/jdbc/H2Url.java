package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.tlsresumption.files.FileRefusedException;
import io.github.tlsresumption.files.GuardedFile;
import io.github.tlsresumption.files.OwnDirectory;
import io.github.tlsresumption.files.ProcessUser;

/**
 * The URL of an H2, which by itself makes files that everybody may read, takes whoever comes without a password, and with
 * {@code AUTO_SERVER} listens on all network interfaces; who is let in runs code as this process' user. So that is refused here, and
 * its files are their owner's alone. Immutable.
 */
final class H2Url
{
    private static final String PREFIX = "jdbc:h2:";
    private static final Pattern MEMORY = Pattern.compile("mem:.*");
    private static final Pattern SERVER = Pattern.compile("(?:tcp|ssl):.*");
    private static final Pattern FILE = Pattern.compile("(?:file:)?(?<path>(?:[/~.]|[A-Za-z]:[/\\\\]).*)");
    private static final Pattern OFF = Pattern.compile("(?i)false|f|no|n|0");
    private static final String DATA = ".mv.db";
    /** H2 makes it when something fails, with the statement in it, and by nobody's leave open to all. */
    private static final String TRACE = "TRACE_LEVEL_FILE";
    private static final int GROUP_OR_OTHERS = 077;
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final String url;
    private final Optional<Path> database;

    private H2Url(String url, Optional<Path> database)
    {
        this.url = url;
        this.database = database;
    }

    static boolean isH2(String url)
    {
        return url.startsWith(PREFIX);
    }

    /**
     * @param url of an H2
     * @param password as it is set beside the URL; may be null
     * @throws IllegalArgumentException when the database would be open to others; the message names the setting and the fix
     */
    static H2Url parse(String url, String password)
    {
        String[] parts = url.substring(PREFIX.length()).split(";");
        if (MEMORY.matcher(parts[0]).matches())
        {
            return new H2Url(url, Optional.empty());
        }
        if (setting(parts, "AUTO_SERVER").filter(value -> !OFF.matcher(value).matches()).isPresent())
        {
            throw new IllegalArgumentException("jetty.tlsResumption.jdbc.url has AUTO_SERVER, with which H2 listens on all network"
                + " interfaces: leave it out. Then one process has the database; for several take PostgreSQL, MariaDB or Redis");
        }
        if ((password == null || password.isEmpty()) && setting(parts, "PASSWORD").filter(value -> !value.isEmpty()).isEmpty())
        {
            throw new IllegalArgumentException("jetty.tlsResumption.jdbc.password is not set, without which H2 takes whoever comes: set it,"
                + " and jetty.tlsResumption.jdbc.user");
        }
        if (SERVER.matcher(parts[0]).matches())
        {
            return new H2Url(url, Optional.empty());
        }
        Matcher file = FILE.matcher(parts[0]);
        if (!file.matches())
        {
            throw new IllegalArgumentException("jetty.tlsResumption.jdbc.url is " + SqlFailures.withoutSecrets(url)
                + ": of H2 only jdbc:h2:file:/path/of/a/directory/name, jdbc:h2:tcp: and jdbc:h2:ssl: are known to be safe");
        }
        String path = file.group("path").replaceFirst("^~(?=/)", Matcher.quoteReplacement(System.getProperty("user.home")));
        boolean hasTrace = setting(parts, TRACE).isPresent();
        return new H2Url(hasTrace ? url : url + ";" + TRACE + "=0", Optional.of(Path.of(path).toAbsolutePath().normalize()));
    }

    private static Optional<String> setting(String[] parts, String name)
    {
        return Arrays.stream(parts).skip(1).map(String::strip)
            .filter(part -> part.toUpperCase(Locale.ROOT).replaceAll("\\s*=.*", "").equals(name))
            .map(part -> part.replaceFirst("^[^=]*=?\\s*", "")).findFirst();
    }

    /**
     * @return for the driver
     */
    String url()
    {
        return url;
    }

    /**
     * Makes directory and file when they are missing, for their owner alone, and checks them. Does nothing for a database that is not in
     * a file of this process.
     *
     * @throws FileRefusedException when they are open to others; the message has the command that changes that
     * @throws IOException when they cannot be made or looked at
     */
    void guardFiles() throws IOException
    {
        if (database.isEmpty())
        {
            return;
        }
        Path data = GuardedFile.beside(database.get(), DATA);
        Path directory = data.getParent();
        OwnDirectory.makeMissing(directory);
        GuardedFile file = new GuardedFile(data, "the database file", "who may know and change what is in it",
            "choose another place in jetty.tlsResumption.jdbc.url");
        Path real = file.real();
        if (((Integer)Files.getAttribute(directory, "unix:mode") & GROUP_OR_OTHERS) != 0)
        {
            // H2 makes more files beside it, with whatever mode.
            throw new FileRefusedException("the directory " + directory + " of the database file is open to others: chmod 700 "
                + GuardedFile.quoted(directory) + ", or name a directory of its own in jetty.tlsResumption.jdbc.url");
        }
        try
        {
            // H2 takes an empty file for a new database.
            ProcessUser.handOver(Files.createFile(real, OWNER_ONLY));
        }
        catch (FileAlreadyExistsException e)
        {
            file.check(real);
        }
    }
}
