package io.github.tlsresumption.it;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.redis.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What operators get wrong, and the line that they read first. Most of it starts in this JVM, by the main class and the arguments that
 * {@code start.jar --dry-run} tells, and leaves no thread that would keep a process alive.
 */
@StartsProcesses
@OnAnyJdk
class RefusedStartsIT
{
    private static final String PREFIX = "tls-resumption refuses to start: ";
    private static final String OURS = "jetty.tlsResumption.";
    private static final String DEFAULT = ", or remove the setting for its default";
    private static final String MAIN = "org.eclipse.jetty.xml.XmlConfiguration";
    private static final String PASSPHRASE = OURS + "ticketKeyPassphrase=correct horse";
    private static final String SECRET = "not-for-the-log";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static JettyBase base;
    private static List<String> command;
    private static URLClassLoader classes;
    private static ServerSocket taken;
    private static RedisServer redis;
    private static PrintStream error;
    private static final ByteArrayOutputStream LOG = new ByteArrayOutputStream();

    /**
     * @param name of the case
     * @param xml our files, behind {@code etc/tls-resumption.xml}
     * @param properties set besides
     * @param line expected, with BASE, PORT and REDIS for what is different each time
     */
    private record Case(String name, List<String> xml, List<String> properties, String line)
    {
        @Override
        public String toString()
        {
            return name;
        }
    }

    private static Case core(String name, String line, String... properties)
    {
        return new Case(name, List.of(), List.of(properties), line);
    }

    private static Case redis(String name, String line, String... properties)
    {
        return new Case("Redis: " + name, List.of("etc/tls-resumption-redis.xml"), List.of(properties), line);
    }

    private static Case jdbc(String name, String line, String... properties)
    {
        return new Case("database: " + name, List.of("etc/tls-resumption-jdbc.xml"), List.of(properties), line);
    }

    static Stream<Case> inputs()
    {
        return Stream.of(
            core("unknown name", OURS + "maxSesionDuration: there is no such setting; did you mean " + OURS + "maxSessionDuration?",
                OURS + "maxSesionDuration=600"),
            core("case of a name", OURS + "tls12mode: there is no such setting; did you mean " + OURS + "tls12Mode?",
                OURS + "tls12mode=off"),
            core("case of a name within", OURS + "rotation.sealperiod: there is no such setting; did you mean " + OURS
                + "rotation.sealPeriod?", OURS + "rotation.sealperiod=600"),
            core("dots of a name", OURS + "rotationLead: there is no such setting; did you mean " + OURS + "rotation.lead?",
                OURS + "rotationLead=60"),
            core("case of the prefix", "jetty.tlsresumption.mode: there is no such setting; did you mean " + OURS + "mode?",
                "jetty.tlsresumption.mode=off"),
            core("module for prefix", "tls-resumption.tls12Mode: there is no such setting; did you mean " + OURS + "tls12Mode?",
                "tls-resumption.tls12Mode=off"),
            core("nothing like it", OURS + "colour: there is no such setting; remove it; the settings are in "
                + "modules/tls-resumption*.mod", OURS + "colour=" + SECRET),
            core("unknown name of a secret", OURS + "ticketKeyPasphrase: there is no such setting; did you mean " + OURS
                + "ticketKeyPassphrase?", OURS + "ticketKeyPasphrase=" + SECRET),
            core("mode", OURS + "mode: 'tickets' is unknown; set cache, ticket or off" + DEFAULT, OURS + "mode=tickets"),
            core("no mode", OURS + "mode: is empty; set cache, ticket or off" + DEFAULT, OURS + "mode="),
            core("tls12Mode", OURS + "tls12Mode: 'on' is unknown; set cache, ticket or off" + DEFAULT, OURS + "tls12Mode=on"),
            core("tls12TicketMode", OURS + "tls12TicketMode: 'never' is unknown; set allow or forbid" + DEFAULT,
                OURS + "tls12TicketMode=never"),
            core("ticketKeyStore", OURS + "ticketKeyStore: 'disk' is unknown; set file, secret or memory" + DEFAULT,
                OURS + "ticketKeyStore=disk"),
            core("engine", OURS + "engine: 'openssl' is unknown; set jdk or native" + DEFAULT, OURS + "engine=openssl"),
            core("fallback", OURS + "fallback: 'none' is unknown; set fail or session-id" + DEFAULT, OURS + "fallback=none"),
            core("duration of nothing", OURS + "maxSessionDuration: '0' is out of range; set 1 to 604800 seconds, such as 90, 90s, 30m "
                + "or 1h"
                + DEFAULT, OURS + "maxSessionDuration=0"),
            core("duration too long", OURS + "maxSessionDuration: '8d' is out of range; set 1 to 604800 seconds, such as 90, 90s, 30m or 1h"
                + DEFAULT, OURS + "maxSessionDuration=8d"),
            core("unit of a duration", OURS + "maxSessionDuration: '1w' is no duration; set 1 to 604800 seconds, such as 90, 90s, 30m or 1h"
                + DEFAULT, OURS + "maxSessionDuration=1w"),
            core("closeTimeout", OURS + "closeTimeout: '2h' is out of range; set 1 to 3600 seconds, such as 90, 90s, 30m or 1h" + DEFAULT,
                OURS + "closeTimeout=2h"),
            core("clockSkew", OURS + "clockSkew: '-1' is no duration; set 1 to 3600 seconds, such as 90, 90s, 30m or 1h" + DEFAULT,
                OURS + "clockSkew=-1"),
            core("closeAtDeadline", OURS + "closeAtDeadline: 'yes' is neither true nor false; set one of them" + DEFAULT,
                OURS + "closeAtDeadline=yes"),
            core("maxCachedSessions", OURS + "maxCachedSessions: '10k' is no whole number; set at least 1" + DEFAULT,
                OURS + "maxCachedSessions=10k"),
            core("no cached session", OURS + "maxCachedSessions: '0' is out of range; set at least 1" + DEFAULT,
                OURS + "maxCachedSessions=0"),
            core("ipv4Prefix", OURS + "client.ipv4Prefix: '33' is out of range; set 0 to 32" + DEFAULT, OURS + "client.ipv4Prefix=33"),
            core("ipv6Prefix", OURS + "client.ipv6Prefix: '-1' is out of range; set 0 to 128" + DEFAULT, OURS + "client.ipv6Prefix=-1"),
            core("maxForgotten", OURS + "maxForgotten: '20000000' is out of range; set 1 to 10000000" + DEFAULT,
                OURS + "maxForgotten=20000000"),
            core("ticketsPerConnection", OURS + "ticketsPerConnection: '11' is out of range; set 1 to 10" + DEFAULT,
                OURS + "ticketsPerConnection=11"),
            core("sealPeriod", OURS + "rotation.sealPeriod: is 60 seconds, less than twice " + OURS + "rotation.lead, 600 seconds; make it "
                + "at least 1200 seconds, or the lead at most 30 seconds", OURS + "rotation.sealPeriod=1m"),
            core("lifetime", OURS + "rotation.lifetime: is 60 seconds, less than " + OURS + "maxSessionDuration, 86400 seconds, so that "
                + "keys would end before the sessions; raise the first or lower the second", OURS + "rotation.lifetime=60"),
            core("forbidden mode", OURS + "tls12Mode: is ticket, which " + OURS + "tls12TicketMode=forbid rules out; set cache or off",
                OURS + "tls12Mode=ticket", OURS + "tls12TicketMode=forbid"),
            core("no directory", OURS + "ticketKeyFile: is BASE/etc/empty/keys, but BASE/etc/empty cannot be used (it is no directory); "
                + "name a file in another directory, or set " + OURS + "ticketKeyStore=memory, or =secret where somebody else rotates "
                + "the keys", OURS + "ticketKeyFile=etc/empty/keys"),
            core("directory for key file", OURS + "ticketKeyFile: the ticket key file BASE/etc/made is not a regular file; mv "
                + "BASE/etc/made BASE/etc/made.old", OURS + "ticketKeyFile=etc/made"),
            core("open key file", OURS + "ticketKeyFile: the ticket key file BASE/etc/open is open to others than its owner (mode 644), "
                + "who may know the keys; chmod 600 BASE/etc/open", OURS + "ticketKeyFile=etc/open"),
            core("no directory of the forget list", OURS + "forgetLogFile: is BASE/etc/empty/list, but BASE/etc/empty cannot be used (it "
                + "is no directory); remove the setting", OURS + "forgetLogFile=etc/empty/list"),
            core("open forget list", OURS + "forgetLogFile: the forget list BASE/etc/open is open to others than its owner (mode 644), "
                + "who may have changed it; chmod 600 BASE/etc/open", OURS + "forgetLogFile=etc/open"),
            core("no passphrase file", OURS + "ticketKeyPassphraseFile: the file BASE/etc/none does not exist; write it, or correct the "
                + "setting", OURS + "ticketKeyPassphraseFile=etc/none"),
            core("empty passphrase file", OURS + "ticketKeyPassphraseFile: the file BASE/etc/empty is empty; write the passphrase into it",
                OURS + "ticketKeyPassphraseFile=etc/empty"),
            core("directory for passphrase file", OURS + "ticketKeyPassphraseFile: the file BASE/etc is not a regular file; name "
                + "another one",
                OURS + "ticketKeyPassphraseFile=etc"),
            core("open passphrase file", OURS + "ticketKeyPassphraseFile: the file BASE/etc/open is open to others than its owner (mode "
                + "644), "
                + "who may know the password; chmod 600 BASE/etc/open (a secret that is mounted in a container has mode 0400, or 0440 "
                + "and a group of this process)", OURS + "ticketKeyPassphraseFile=etc/open"),
            core("two passphrases", OURS + "ticketKeyPassphrase: is set beside .ticketKeyPassphraseFile; keep one", PASSPHRASE,
                OURS + "ticketKeyPassphraseFile=etc/secret"),
            core("rules", OURS + "rules: line 1: unknown mode 'sometimes'; use ticket, cache or off", OURS + "rules=a mode=sometimes"),
            core("rules file", OURS + "rulesFile: BASE/etc/none: there is no such file; create it, or mend or remove " + OURS + "rulesFile",
                OURS + "rulesFile=etc/none"),
            core("provider", "jetty.sslContext.provider: is Conscrypt, but resumption works with SunJSSE only; remove that setting (and "
                + "the module "
                + "conscrypt or bouncycastle that made it), or the module tls-resumption", "jetty.sslContext.provider=Conscrypt"),
            core("admin port", OURS + "admin.port: is PORT, which cannot be opened on 127.0.0.1 (Address already in use); set another "
                + "one, or stop what listens there", OURS + "admin.port=PORT"),
            core("admin port of letters", OURS + "admin.port: 'http' is no whole number; set 0 to 65535" + DEFAULT,
                OURS + "admin.port=http"),
            core("admin without password", OURS + "admin.authenticateReads: is true, but nobody could read anything; set " + OURS
                + "admin.password or .passwordFile", OURS + "admin.authenticateReads=true", OURS + "admin.port=0"),
            core("admin's yes", OURS + "admin.authenticateReads: 'yes' is neither true nor false; set one of them" + DEFAULT,
                OURS + "admin.authenticateReads=yes"),
            core("name of the admin module", OURS + "admin.passwdFile: there is no such setting; did you mean " + OURS
                + "admin.passwordFile?", OURS + "admin.passwdFile=etc/secret"),
            core("no password file", OURS + "admin.passwordFile: the file BASE/etc/none does not exist; write it, or correct the setting",
                OURS + "admin.passwordFile=etc/none", OURS + "admin.port=0"),
            new Case("one scope, two settings", List.of("etc/other.xml"), List.of(OURS + "scope=shared"), OURS + "scope: is 'shared' for "
                + "two "
                + "connectors with different settings (maxSessionDuration 86400 s and 600 s, rotation.lifetime 86400 s and 600 s); give "
                + "each a scope of its own, or the same settings"),
            redis("no URI", OURS + "redis.uri: is not set; set it to where Redis is, the same on every node, for example "
                + "rediss://user:password@host:6379. There is no default any more; the one of earlier versions, redis://localhost:6379, "
                + "is a Redis that every user of this host may change, unless it has a password", PASSPHRASE),
            redis("no passphrase", OURS + "ticketKeyPassphrase: is not set, so that whoever reads Redis at REDIS/0, keys "
                + "tls-resumption:*, or "
                + "a backup of it, could resume every session and read recorded ones; set it, or .ticketKeyPassphraseFile, to the same "
                + "passphrase on every node", OURS + "redis.uri=REDIS"),
            redis("wrong password", OURS + "redis.uri: Redis at REDIS/0, keys tls-resumption:* does not let this node in (WRONGPASS "
                + "invalid "
                + "username-password pair or user is disabled.); correct user and password, or grant what "
                + "docs/configuration.md lists", PASSPHRASE,
                OURS + "redis.uri=redis://:" + SECRET + "@REDISHOST"),
            redis("keys in memory", OURS + "ticketKeyStore: is memory, but the ticket keys are in Redis at REDIS/0, keys tls-resumption:*; "
                + "remove that setting, or the module tls-resumption-redis or tls-resumption-jdbc", PASSPHRASE, OURS + "redis.uri=REDIS",
                OURS + "ticketKeyStore=memory"),
            new Case("two stores", List.of("etc/tls-resumption-redis.xml", "etc/tls-resumption-jdbc.xml"), List.of(PASSPHRASE, OURS
                + "redis.uri=REDIS", OURS + "jdbc.url=jdbc:h2:file:BASE/db/stores", OURS + "jdbc.password=" + SECRET), OURS + "jdbc.url: "
                + "shared "
                + "stores are set already, Redis at REDIS/0, keys tls-resumption:*, and would be jdbc:h2:file:BASE/db/stores, tables "
                + "tls_resumption_*; enable one of the modules tls-resumption-redis and tls-resumption-jdbc"),
            new Case("XML of one's own", List.of("etc/own.xml"), List.of(), OURS + "closeAtDeadline: 'yes' is neither true nor false; "
                + "set one of "
                + "them" + DEFAULT),
            redis("unknown name", OURS + "redis.timout: there is no such setting; did you mean " + OURS + "redis.timeout?",
                OURS + "redis.timout=50"),
            redis("timeout", OURS + "redis.timeout: '1m' is out of range; set 1 to 10000 milliseconds, such as 50 or 50ms" + DEFAULT,
                OURS + "redis.timeout=1m"),
            jdbc("no driver", OURS + "jdbc.url: is jdbc:oracle:thin:, which no driver takes; put the driver's jar in $JETTY_BASE/lib/ext "
                + "(for H2 set tls-resumption.jdbc.driver=h2), or correct the URL", PASSPHRASE, OURS + "jdbc.url=jdbc:oracle:thin:"),
            jdbc("wrong password", OURS + "jdbc.user: user or password is not accepted by jdbc:h2:file:BASE/db/stores (Wrong user name or "
                + "password [28000-252]); set those of a user of the database", PASSPHRASE, OURS + "jdbc.url=jdbc:h2:file:BASE/db/stores",
                OURS + "jdbc.user=jetty", OURS + "jdbc.password=" + SECRET),
            jdbc("without rights", OURS + "jdbc.user: is no administrator of jdbc:h2:file:BASE/db/stores, as whoever opens a file of H2 "
                + "must be (Admin rights are required for this operation; SQL statement: SET TRACE_LEVEL_FILE 0 [90040-252]); set its "
                + "administrator, or ALTER USER ... ADMIN TRUE", PASSPHRASE, OURS + "jdbc.url=jdbc:h2:file:BASE/db/stores", OURS
                + "jdbc.user=guest", OURS + "jdbc.password=guest's own"),
            jdbc("pool", OURS + "jdbc.poolSize: '2' is out of range; set 3 to 1000" + DEFAULT, OURS + "jdbc.poolSize=2"),
            jdbc("prefix", OURS + "jdbc.tablePrefix: 'a-b' is not possible; set a letter or underscore, then letters, digits and "
                + "underscores, 32 at most" + DEFAULT, OURS + "jdbc.tablePrefix=a-b"));
    }

    @BeforeAll
    static void make() throws Exception
    {
        base = ModuleBase.plain("refused").modules("tls-resumption-admin-connector").copy(ModuleBase.twoHosts(), "etc/second.p12");
        base.file("etc/empty", "").file("etc/open", "passphrase").file("etc/secret", "passphrase");
        connector("other", ModuleBase.set("scope", "shared"), ModuleBase.set("maxSessionDuration", "600"));
        connector("own", ModuleBase.set("closeAtDeadline", "yes"));
        Files.createDirectory(base.path().resolve("etc/made"));
        for (String secret : List.of("empty", "secret", "open"))
        {
            Files.setPosixFilePermissions(base.path().resolve("etc/" + secret),
                PosixFilePermissions.fromString(secret.equals("open") ? "rw-r--r--" : "rw-------"));
        }
        Files.createDirectory(base.path().resolve("db"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (Connection database = DriverManager.getConnection("jdbc:h2:file:" + base.path() + "/db/stores", "jetty", "right"))
        {
            try (Statement statement = database.createStatement())
            {
                statement.execute("CREATE USER guest PASSWORD 'guest''s own'");
            }
        }
        Files.setPosixFilePermissions(base.path().resolve("db/stores.mv.db"), PosixFilePermissions.fromString("rw-------"));
        command = base.dryRun();
        taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        redis = RedisServer.start("--requirepass", "right");
        error = System.err;
        // The loggers of that class loader keep the stream that there is when they are made.
        System.setErr(new PrintStream(new OutputStream()
        {
            @Override
            public void write(int character)
            {
                LOG.write(character);
            }
        }, true, StandardCharsets.UTF_8));
        classes = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
        // The drivers of a JVM are looked for once, by the class loader of that moment.
        Class.forName("org.h2.Driver", true, classes);
    }

    private static void connector(String name, String... settings)
    {
        base.file("etc/" + name + ".xml", """
            <?xml version="1.0"?>
            <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
            <Configure id="Server" class="org.eclipse.jetty.server.Server">
              <Call name="addConnector">
                <Arg>
                  <New class="org.eclipse.jetty.server.ServerConnector">
                    <Arg name="server"><Ref refid="Server"/></Arg>
                    <Arg name="sslContextFactory">%s</Arg>
                  </New>
                </Arg>
              </Call>
            </Configure>
            """.formatted(ModuleBase.factory(settings)));
    }

    @AfterAll
    static void end() throws IOException
    {
        System.setErr(error);
        classes.close();
        taken.close();
        redis.close();
    }

    private static URL[] classPath()
    {
        List<String> options = List.of("-cp", "--class-path", "-classpath");
        String jars = command.get(command.indexOf(options.stream().filter(command::contains).findFirst().orElseThrow()) + 1);
        // Of the modules for clusters, which cannot be enabled together.
        Stream<String> more = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(jar -> jar.matches(".*/(jedis|commons-pool2|HikariCP|h2)-[^/]*\\.jar"));
        return Stream.concat(Stream.of(jars.split(File.pathSeparator)), more).map(RefusedStartsIT::url).toArray(URL[]::new);
    }

    private static URL url(String file)
    {
        try
        {
            return Path.of(file).toUri().toURL();
        }
        catch (MalformedURLException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> arguments(Case input, UnaryOperator<String> filled)
    {
        List<String> arguments = new ArrayList<>(command.subList(command.indexOf(MAIN) + 1, command.size()));
        Map<String, String> set = new HashMap<>();
        input.properties().stream().map(filled).forEach(line -> set.put(line.substring(0, line.indexOf('=') + 1), line));
        arguments.removeIf(argument -> set.keySet().stream().anyMatch(argument::startsWith));
        arguments.addAll(0, set.values());
        List<String> xml = input.xml().stream().map(file -> base.path().resolve(file).toUri().toString()).toList();
        if (!xml.isEmpty())
        {
            int ours = arguments.indexOf(arguments.stream().filter(argument -> argument.endsWith("/tls-resumption.xml")).findFirst()
                .orElseThrow());
            boolean isStore = input.xml().stream().allMatch(file -> file.startsWith("etc/tls-resumption-"));
            arguments.addAll(isStore ? ours + 1 : arguments.size(), xml);
        }
        return arguments;
    }

    private static String filled(String text)
    {
        return text.replaceAll("(?<!_)BASE", base.path().toString()).replace("PORT", Integer.toString(taken.getLocalPort()))
            .replace("REDISHOST", redis.uri().substring("redis://".length())).replace("REDIS", redis.uri());
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void theFirstLineSaysWhatIsWrongAndWhatToDo(Case input) throws Exception
    {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        LOG.reset();
        Thread.currentThread().setContextClassLoader(classes);
        Throwable thrown = null;
        try
        {
            classes.loadClass(MAIN).getMethod("main", String[].class)
                .invoke(null, (Object)arguments(input, RefusedStartsIT::filled).toArray(String[]::new));
        }
        catch (InvocationTargetException e)
        {
            thrown = e.getCause();
        }
        finally
        {
            Thread.currentThread().setContextClassLoader(RefusedStartsIT.class.getClassLoader());
        }
        // Jetty's own, about each weak cipher suite, are no failures.
        String log = LOG.toString(StandardCharsets.UTF_8);
        List<String> lines = log.lines().toList();
        List<String> serious = lines.stream()
            .filter(line -> line.matches(".*:(WARN|ERROR)\\s*:(?!oejusS\\.config).*|\\s+at .*|.*Exception.*")).toList();
        assertTrue(thrown != null, log);
        assertFalse(serious.isEmpty(), log);
        String first = serious.get(0);
        int start = first.indexOf(PREFIX);
        assertAll(
            () -> assertTrue(start >= 0, log),
            () -> assertEquals(filled(input.line()), start < 0 ? first : first.substring(start + PREFIX.length()), log),
            () -> assertEquals(1, lines.stream().filter(line -> line.contains(PREFIX)).count(), log),
            () -> assertFalse(log.contains(SECRET), log),
            () -> assertTrue(Await.within(LIMIT, () -> keepers(before).isEmpty()), () -> "would not end: " + keepers(before) + log));
    }

    private static Set<Thread> keepers(Set<Thread> before)
    {
        return Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> !thread.isDaemon() && thread.isAlive() && !before.contains(thread)).collect(Collectors.toSet());
    }

    @Test
    void theProcessEndsWithCodeOne() throws Exception
    {
        Case conflict = inputs().filter(input -> input.name().equals("one scope, two settings")).findFirst().orElseThrow();
        List<String> whole = new ArrayList<>(command.subList(0, command.indexOf(MAIN) + 1));
        whole.addAll(arguments(conflict, RefusedStartsIT::filled));
        assertEquals(1, exitCode(whole, "conflict.log"));
        assertTrue(String.join(" ", whole).contains("=" + KeyMaterial.PASSWORD), "passwords are no arguments, unlike docs/deploy.md says");
    }

    /**
     * As stock Jetty does: start.jar asks nothing about the JVM that it has forked.
     */
    @Test
    void startJarEndsWithCodeZeroWhateverBecomesOfTheServer() throws Exception
    {
        assertEquals(0, exitCode(base.startJar(List.of(OURS + "mode=tickets")), "fork.log"));
        String log = Files.readString(base.path().resolve("fork.log"));
        assertTrue(log.contains(PREFIX + OURS + "mode: 'tickets' is unknown"), log);
    }

    @Test
    void theLauncherMayBeExecutedWhereTheZipIsUnpacked() throws Exception
    {
        try (FileSystem zip = FileSystems.newFileSystem(JettyHome.moduleZip(), Map.of("enablePosixFileAttributes", "true")))
        {
            Path launcher = zip.getPath("bin/tls-resumption-start");
            assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(launcher)));
        }
    }

    @Test
    void theLauncherEndsWithTheCodeOfTheServer() throws Exception
    {
        assertEquals(1, exitCode(base.launcher(OURS + "mode=tickets"), "launcher.log"));
        String log = Files.readString(base.path().resolve("launcher.log"));
        assertTrue(log.contains(PREFIX + OURS + "mode: 'tickets' is unknown"), log);
        assertNotEquals(0, exitCode(base.launcher("--module=nothing-like-it"), "start-jar.log"));
    }

    /**
     * The whole: one process, which serves, and in which passwords are neither arguments nor open to other users.
     */
    @Test
    void theLauncherStartsTheServerInItsPlaceWithoutPasswordsOnItsCommandLine() throws Exception
    {
        Path temporary = Files.createDirectories(base.path().resolve("run"));
        List<String> started = new ArrayList<>(List.of("env", "TMPDIR=" + temporary));
        started.addAll(base.launcher(OURS + "admin.port=0"));
        try (JettyProcess jetty = JettyProcess.start(base, started))
        {
            ProcessHandle process = ProcessHandle.of(jetty.serverPid()).orElseThrow();
            String commandLine = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
            assertAll(
                () -> assertTrue(commandLine.contains(MAIN), commandLine),
                () -> assertFalse(commandLine.contains(KeyMaterial.PASSWORD), commandLine),
                () -> assertEquals(0, process.descendants().count(), commandLine),
                () -> assertEquals(ProcessHandle.current().pid(), process.parent().orElseThrow().pid(), "start.jar still waits"));
            try (Stream<Path> files = Files.list(temporary))
            {
                assertEquals(List.of(), files.toList(), "passwords that were read stay");
            }
        }
    }

    private static int exitCode(List<String> words, String log) throws IOException, InterruptedException
    {
        Process process = new ProcessBuilder(words).directory(base.path().toFile()).redirectErrorStream(true)
            .redirectOutput(base.path().resolve(log).toFile()).start();
        try
        {
            assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), "it does not end");
            return process.exitValue();
        }
        finally
        {
            process.destroyForcibly();
        }
    }
}
