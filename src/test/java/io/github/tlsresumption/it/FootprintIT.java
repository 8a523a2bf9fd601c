package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.redis.RedisServer;
import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * All that each module of the zip makes and opens with its defaults: new files with their modes, and sockets that listen. Nobody but the
 * owner can read, write or reach any of it, except the port of HTTPS. The servers run with the umask 0, so that a file has the mode that
 * its maker chose.
 */
@OnAnyJdk
@StartsProcesses
class FootprintIT
{
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PASSWORD = "correct horse";
    private static final String TEMPORARY = "tmp";
    private static final String LISTENS = "0A";

    @Test
    void theModuleItsPagesAndNativeCryptography() throws Exception
    {
        Footprint found = footprint("alone", base -> base
            .modules("tls-resumption-admin", "tls-resumption-metrics", "tls-resumption-accp")
            .property("jetty.tlsResumption.scope", "public")
            .property("jetty.tlsResumption.admin.port", "0")
            .property("jetty.tlsResumption.admin.password", PASSWORD), jetty ->
            {
                AdminClient admin = new AdminClient(jetty);
                assertEquals(200, admin.get("/metrics").status());
                for (String change : List.of("/api/keys/rotate {\"scope\":\"public\"}",
                    "/api/forget {\"scope\":\"public\",\"kind\":\"everyone\"}"))
                {
                    String[] parts = change.split(" ");
                    HttpReply reply = admin.change(parts[0], parts[1], PASSWORD);
                    assertEquals(200, reply.status(), reply::body);
                }
            });

        assertAll(
            () -> assertEquals(Set.of("rw------- etc/tls-resumption.keys", "rw------- etc/tls-resumption.keys.lock",
                "rw------- etc/tls-resumption.keys.forgotten", "rw------- etc/tls-resumption.keys.forgotten.lock",
                "rw------- etc/tls-resumption.keys.version", "rw------- etc/tls-resumption.keys.version.lock"), found.files()),
            () -> assertEquals(Set.of("tcp anywhere: HTTPS", "tcp 127.0.0.1"), found.sockets()));
    }

    @Test
    void redis() throws Exception
    {
        try (RedisServer redis = RedisServer.start())
        {
            Footprint found = footprint("redis", base -> base.modules("tls-resumption-redis")
                .property("jetty.tlsResumption.redis.uri", redis.uri())
                .property("jetty.tlsResumption.ticketKeyPassphrase", PASSWORD), FootprintIT::awaitRing);

            assertAll(
                // So that an old ring is noticed when Redis has lost the one after it.
                () -> assertEquals(Set.of("rw------- etc/tls-resumption.keys.version", "rw------- etc/tls-resumption.keys.version.lock"),
                    found.files()),
                () -> assertEquals(Set.of("tcp anywhere: HTTPS"), found.sockets()));
        }
    }

    @Test
    void database() throws Exception
    {
        Footprint found = footprint("jdbc", base -> base.property("tls-resumption.jdbc.driver", "h2").modules("tls-resumption-jdbc")
            .property("jetty.tlsResumption.jdbc.url", "jdbc:h2:file:" + base.path().resolve("tls-resumption-db/stores"))
            .property("jetty.tlsResumption.jdbc.user", "jetty")
            .property("jetty.tlsResumption.jdbc.password", PASSWORD)
            .property("jetty.tlsResumption.ticketKeyPassphrase", PASSWORD), FootprintIT::awaitRing);

        assertAll(
            () -> assertEquals(Set.of("rwx------ tls-resumption-db", "rw------- tls-resumption-db/stores.mv.db",
                "rw------- etc/tls-resumption.keys.version", "rw------- etc/tls-resumption.keys.version.lock"), found.files()),
            () -> assertEquals(Set.of("tcp anywhere: HTTPS"), found.sockets()));
    }

    /**
     * There is no default, and the one of earlier versions is not opened.
     */
    @Test
    void aBaseWithTheDefaultDatabaseOfEarlierVersionsIsToldHowToMigrate() throws Exception
    {
        JettyBase base = ModuleBase.plain("footprint-old").modules("tls-resumption-jdbc")
            .property("jetty.tlsResumption.ticketKeyPassphrase", PASSWORD)
            .file("tls-resumption-h2/stores.mv.db", "what is left");

        String log = base.startFails();

        assertAll(
            () -> assertTrue(log.contains("jetty.tlsResumption.jdbc.url is not set"), log),
            () -> assertTrue(log.contains("rm -r " + base.path().resolve("tls-resumption-h2")), log),
            () -> assertEquals("what is left", Files.readString(base.path().resolve("tls-resumption-h2/stores.mv.db"))));
    }

    /**
     * @param files that are new, each with its mode
     * @param sockets that listen
     */
    private record Footprint(Set<String> files, Set<String> sockets)
    {
    }

    @FunctionalInterface
    private interface Use
    {
        void of(JettyProcess jetty) throws Exception;
    }

    /**
     * A node that finds its backend empty makes the first key after a few seconds, and writes down that it has.
     */
    private static void awaitRing(JettyProcess jetty)
    {
        Await.until(PATIENCE, () -> Files.exists(jetty.base().path().resolve("etc/tls-resumption.keys.version")), jetty::log);
    }

    private static Footprint footprint(String name, UnaryOperator<JettyBase> modules, Use use) throws Exception
    {
        JettyBase base = modules.apply(ModuleBase.plain("footprint-" + name));
        Path temporary = Files.createDirectory(base.path().resolve(TEMPORARY));
        base.line("-Djava.io.tmpdir=" + temporary);
        Set<String> before = files(base.path());
        List<String> command = new ArrayList<>(List.of("sh", "-c", "umask 0; exec \"$@\"", "sh"));
        command.addAll(base.startJar(List.of()));
        Set<String> sockets;
        Set<String> whileItRan;
        try (JettyProcess jetty = JettyProcess.start(base, command))
        {
            for (String protocol : List.of(TLS13, TLS12))
            {
                OpenSsl client = OpenSsl.client(jetty.port()).host(TWO).protocol(protocol);
                assertTrue(client.connect().connected(), jetty::log);
                assertTrue(client.connect().connected(), jetty::log);
            }
            use.of(jetty);
            sockets = listening(jetty);
            whileItRan = files(base.path());
        }
        Set<String> fresh = new TreeSet<>(whileItRan);
        fresh.addAll(files(base.path()));
        fresh.removeAll(before);
        assertFalse(sockets.isEmpty());
        return new Footprint(fresh, sockets);
    }

    private static Set<String> files(Path directory) throws IOException
    {
        try (Stream<Path> files = Files.walk(directory))
        {
            return files.map(file -> described(directory, file))
                // The test writes it.
                .filter(file -> !file.contains(" console-"))
                .collect(Collectors.toSet());
        }
    }

    private static String described(Path directory, Path file)
    {
        try
        {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
            return mode + " " + directory.relativize(file);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /*
     * Of the process alone, by the inodes of its sockets.
     */
    private static Set<String> listening(JettyProcess jetty) throws IOException
    {
        Path process = Path.of("/proc", String.valueOf(jetty.serverPid()));
        Set<String> inodes = new TreeSet<>();
        try (Stream<Path> descriptors = Files.list(process.resolve("fd")))
        {
            for (Path descriptor : descriptors.toList())
            {
                // Some are closed meanwhile.
                String target = Files.isSymbolicLink(descriptor) ? Files.readSymbolicLink(descriptor).toString() : "";
                if (target.startsWith("socket:["))
                {
                    inodes.add(target.substring("socket:[".length(), target.length() - 1));
                }
            }
        }
        Set<String> listening = new TreeSet<>();
        for (String protocol : List.of("tcp", "tcp6", "udp", "udp6"))
        {
            for (String line : Files.readAllLines(process.resolve("net").resolve(protocol)))
            {
                String[] words = line.strip().split("\\s+");
                boolean isOurs = words.length > 9 && inodes.contains(words[9]);
                if (isOurs && (protocol.startsWith("udp") || words[3].equals(LISTENS)))
                {
                    listening.add(protocol.substring(0, 3) + " " + place(words[1], jetty));
                }
            }
        }
        return listening;
    }

    /*
     * From an address as Linux shows it, in words of the machine's byte order, and a port.
     */
    private static String place(String text, JettyProcess jetty) throws IOException
    {
        String[] parts = text.split(":");
        byte[] words = HexFormat.of().parseHex(parts[0]);
        byte[] address = new byte[words.length];
        for (int i = 0; i < words.length; i++)
        {
            address[i] = words[i / 4 * 4 + 3 - i % 4];
        }
        InetAddress where = InetAddress.getByAddress(address);
        boolean isHttps = Integer.parseInt(parts[1], 16) == jetty.port();
        return (where.isAnyLocalAddress() ? "anywhere" : where.getHostAddress()) + (isHttps ? ": HTTPS" : "");
    }
}
