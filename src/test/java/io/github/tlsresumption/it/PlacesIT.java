package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.redis.RedisServer;
import org.eclipse.jetty.util.ajax.JSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Where servers run: volumes of containers, an image, a service manager, and a start as root that gives it up. As the same user, with the
 * same modes and the same command. The key file is in the base's directory {@code volume}.
 */
@OnAnyJdk
@StartsProcesses
class PlacesIT
{
    private static final String NAME = "tls.keys";
    private static final String PASSWORD = "correct horse";
    private static final int ROOT_GROUP = 0;
    private static final int FS_GROUP = 2_000;

    /**
     * Volumes as platforms mount them. No user of a container may change them.
     */
    private enum Volume
    {
        OPENSHIFT_IMAGE(new OtherUser(1_000_620_000, ROOT_GROUP), new OtherUser(1_001, ROOT_GROUP), 0775),
        EMPTY_DIR(new OtherUser(1_000, 1_000), new OtherUser(0, 0), 0777),
        CLAIM_WITH_FS_GROUP(new OtherUser(1_000, FS_GROUP), new OtherUser(0, FS_GROUP), 02775);

        private final OtherUser user;
        private final OtherUser owner;
        private final int mode;

        Volume(OtherUser user, OtherUser owner, int mode)
        {
            this.user = user;
            this.owner = owner;
            this.mode = mode;
        }
    }

    @ParameterizedTest
    @EnumSource(Volume.class)
    void inAVolumeThatIsOpenToOthersTheKeysHaveADirectoryOfTheirOwn(Volume volume) throws Exception
    {
        JettyBase base = base("volume");
        Path mounted = volume.owner.owns(Files.createDirectory(base.path().resolve("volume")), volume.mode);
        Documented.properties("Keys in a volume", Map.of("/var/lib/tls", mounted)).forEach(base::line);
        Path own = mounted.resolve(NAME + ".of-" + volume.user.uid());

        JettyProcess first = volume.user.start(base);
        OpenSsl client = OpenSsl.client(first.port()).host(ONE).protocol(TLS13);
        assertFalse(client.connect().reused());
        assertTrue(client.connect().reused(), first::log);
        assertEquals(1, first.log().lines().filter(line -> line.contains("in a directory of its own")).count(), first::log);
        first.stop();
        if (volume == Volume.CLAIM_WITH_FS_GROUP)
        {
            OtherUser.mountForGroup(mounted, FS_GROUP);
        }
        base.property("jetty.ssl.port", String.valueOf(first.port()));

        try (JettyProcess again = volume.user.start(base))
        {
            Command.Output listed = volume.user.cli("keys", "list", mounted.resolve(NAME).toString(), "--json");
            assertAll(
                () -> assertTrue(client.connect().reused(), again::log),
                () -> assertTrue(again.log().contains("ticket keys in file " + own.resolve(NAME)), again::log),
                () -> assertFalse(again.log().contains("in a directory of its own"), again::log),
                () -> assertEquals("rwx------", mode(own)),
                () -> assertEquals("rw-------", mode(own.resolve(NAME))),
                () -> assertEquals("rw-------", mode(own.resolve(NAME + ".forgotten"))),
                () -> assertEquals(0, listed.exit(), listed::text),
                () -> assertTrue(listed.text().contains(own.resolve(NAME).toString()), listed::text));
        }
    }

    /**
     * As root it opens port and key store, and then it is another user, as which it must rotate.
     */
    @Test
    void aServerThatGivesUpRootWhenItHasStartedHandsItsFilesOver() throws Exception
    {
        OtherUser nobody = new OtherUser(65_534, 65_534);
        JettyBase base = base("setuid").modules("setuid")
            .property("jetty.setuid.startServerAsPrivileged", "true")
            .property("jetty.setuid.userName", "nobody")
            .property("jetty.setuid.groupName", "nogroup")
            .property("jetty.tlsResumption.maxSessionDuration", "600")
            .property("jetty.tlsResumption.rotation.sealPeriod", "4")
            .property("jetty.tlsResumption.rotation.lead", "1");
        assumeTrue(Files.getAttribute(base.path(), "unix:uid").equals(0), "only root gives it up");
        // As earlier versions left it.
        Path keys = Files.createDirectory(base.path().resolve("volume")).resolve(NAME);
        assertEquals(0, Cli.run("keys", "init", keys.toString(), "--seal-period", "4", "--lifetime", "600").exit());
        long before = version(Cli.run("keys", "list", keys.toString(), "--json").text());

        JettyProcess jetty = base.start();
        OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13);
        client.connect();
        AtomicLong rotated = new AtomicLong();
        Await.until(Duration.ofSeconds(60), () ->
        {
            rotated.set(version(nobody.cli("keys", "list", keys.toString(), "--json").text()));
            return rotated.get() >= before + 2;
        }, () -> "rotations by the other user in\n" + jetty.log());
        jetty.stop();
        base.property("jetty.ssl.port", String.valueOf(jetty.port()));

        try (JettyProcess again = base.start())
        {
            assertAll(
                () -> assertTrue(client.connect().reused(), again::log),
                () -> assertFalse(jetty.log().contains("WARN :igt"), jetty::log),
                () -> assertFalse(again.log().contains("WARN :igt"), again::log),
                () -> assertEquals(65_534, Files.getAttribute(keys.resolveSibling(NAME + ".of-65534").resolve(NAME), "unix:uid")));
        }
    }

    /**
     * The image makes a file of the command that start.jar tells, as its own user, and runs that.
     */
    @Test
    void theModuleComesUpInTheOfficialImage() throws Exception
    {
        OtherUser jetty = new OtherUser(999, 999);
        JettyBase base = ModuleBase.plain("places-image");
        Path keys = Files.createDirectory(base.path().resolve("keys"));
        Documented.properties("Docker", Map.of("/var/lib/jetty", base.path())).forEach(base::line);
        try (Stream<Path> all = Files.walk(base.path()))
        {
            for (Path path : all.toList())
            {
                jetty.owns(path, Files.isDirectory(path) ? 0755 : 0644);
            }
        }
        jetty.owns(keys, 0700);
        String start = "echo \"exec $(\"$@\" --dry-run)\" > jetty.start && . ./jetty.start";
        List<String> entry = new ArrayList<>(List.of("sh", "-c", start, "sh"));
        entry.addAll(base.startJar(List.of()));

        JettyProcess first = JettyProcess.start(base, jetty.commandFor(base, entry));
        OpenSsl client = OpenSsl.client(first.port()).host(ONE).protocol(TLS13);
        client.connect();
        first.stop();
        base.property("jetty.ssl.port", String.valueOf(first.port()));
        try (JettyProcess again = JettyProcess.start(base, jetty.commandFor(base, entry)))
        {
            assertTrue(client.connect().reused(), again::log);
            assertTrue(again.log().contains("ticket keys in file " + keys.resolve("tls.keys")), again::log);
        }
    }

    /**
     * As systemd runs it with DynamicUser, StateDirectory and ProtectSystem=strict.
     */
    @Test
    void theModuleComesUpAsADynamicUserOfSystemd() throws Exception
    {
        OtherUser dynamic = new OtherUser(61_200, 61_200);
        Path var = JettyBase.create("places-state").path();
        Path state = Files.createDirectories(var.resolve("private/jetty"));
        dynamic.owns(state, 0755);
        Files.createSymbolicLink(var.resolve("jetty"), Path.of("private/jetty"));
        JettyBase base = ModuleBase.plain("places-systemd");
        Documented.properties("systemd", Map.of("/var/lib", var)).forEach(base::line);

        try (JettyProcess jetty = dynamic.startReadOnly(base))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13);
            client.connect();
            assertTrue(client.connect().reused(), jetty::log);
            assertEquals("rw-------", mode(state.resolve(NAME)));
            assertFalse(jetty.log().contains("WARN :igt"), jetty::log);
        }
    }

    @Test
    void aDirectoryInWhichTheUserMayMakeNothingIsRefusedWithTheCommandThatMendsIt() throws Exception
    {
        OtherUser user = new OtherUser(12_345, 12_345);
        JettyBase base = base("refused");
        Path closed = Files.createDirectory(base.path().resolve("volume"));

        String log = user.startFails(base);
        String command = "install -d -m 700 -o 12345 " + closed.resolve(NAME + ".of-12345");
        assertTrue(log.contains(command), log);
        assertTrue(log.contains("jetty.tlsResumption.ticketKeyFile"), log);

        Command.run(null, List.of("sh", "-c", command)).succeeded();
        user.start(base).close();
    }

    /**
     * The keys are in a Secret, everything else is read-only, and so nothing is kept.
     */
    @Test
    void aSecretOnAReadOnlyFileSystemIsUsedAndItsSwapNoticed() throws Exception
    {
        OtherUser user = new OtherUser(1_000, FS_GROUP);
        Secret secret = new Secret(JettyBase.create("places-secret").path());
        JettyBase base = secretBase(secret, "secret-memory").modules("tls-resumption-admin")
            .property("jetty.tlsResumption.admin.port", "0");
        Set<Path> before = files(base, secret);

        try (JettyProcess first = user.startReadOnly(base); JettyProcess second = user.startReadOnly(base.twin()))
        {
            AdminClient admin = new AdminClient(first);
            OpenSsl client = OpenSsl.client(first.port()).host(ONE).protocol(TLS13);
            client.connect();
            assertTrue(client.connect().reused(), first::log);
            OpenSsl.Result elsewhere = client.at(second.port()).connect();
            assertTrue(elsewhere.connected() && !elsewhere.reused(), elsewhere::output);
            assertTrue(first.log().contains("rotated by whoever writes it, sessions of other nodes and of before this start not resumed"),
                first::log);
            assertFalse(first.log().contains("WARN :igt"), first::log);
            assertTrue(admin.get("/api/status").body().contains("\"rotatedHere\":false"), () -> admin.get("/api/status").body());

            Command.Output listed = user.cli("keys", "list", secret.path().toString());
            assertTrue(listed.exit() == 0 && listed.text().contains("read only"), listed::text);
            secret.rotate();
            Await.until(Duration.ofSeconds(30), () -> admin.get("/api/status").body().contains("\"state\":\"published\""),
                () -> "the new key in\n" + admin.get("/api/status").body());
            assertTrue(client.connect().reused(), first::log);
            assertEquals(before, files(base, secret));
        }
    }

    @Test
    void withAForgetListOfItsOwnTheSessionsOfANodeOutliveARestartAndThoseOfOthersOrForgottenDoNot() throws Exception
    {
        OtherUser user = new OtherUser(1_000, FS_GROUP);
        Secret secret = new Secret(JettyBase.create("places-secret").path());
        JettyBase base = administrated(secretBase(secret, "secret-file"));
        Path volume = new OtherUser(0, FS_GROUP).owns(JettyBase.create("places-list").path(), 02775);
        JettyBase other = base.twin().property("jetty.tlsResumption.forgetLogFile", volume.resolve("other").toString());
        base.property("jetty.tlsResumption.forgetLogFile", volume.resolve("list").toString());

        JettyProcess first = user.startReadOnly(base);
        OpenSsl client = OpenSsl.client(first.port()).host(ONE).protocol(TLS13);
        OpenSsl forgotten = client.copy().from("127.0.7.3");
        client.connect();
        forgotten.connect();
        assertTrue(forgotten.connect().reused(), first::log);
        forget(first, "client", "127.0.7.3");
        first.stop();
        base.property("jetty.ssl.port", String.valueOf(first.port()));
        try (JettyProcess again = user.startReadOnly(base); JettyProcess second = user.startReadOnly(other))
        {
            assertFalse(client.at(second.port()).connect().reused(), second::log);
            assertTrue(client.connect().reused(), again::log);
            assertFalse(forgotten.connect().reused(), again::log);
            assertTrue(forgotten.connect().reused(), again::log);
        }
    }

    /**
     * An H2 is for one server: it keeps who was forgotten, and the session keys, over a restart.
     */
    @Test
    void besideASecretADatabaseKeepsAllButTheTicketKeys() throws Exception
    {
        OtherUser user = new OtherUser(1_000, FS_GROUP);
        Secret secret = new Secret(JettyBase.create("places-secret").path());
        Path volume = user.owns(JettyBase.create("places-database").path(), 0700);
        JettyBase base = administrated(secretBase(secret, "secret-jdbc")).property("tls-resumption.jdbc.driver", "h2")
            .modules("tls-resumption-jdbc")
            .property("jetty.tlsResumption.jdbc.url", "jdbc:h2:file:" + volume.resolve("db/stores"))
            .property("jetty.tlsResumption.jdbc.user", "jetty")
            .property("jetty.tlsResumption.jdbc.password", PASSWORD)
            // This is about what is kept, not about how fast.
            .property("jetty.tlsResumption.jdbc.timeout", "5000");

        JettyProcess first = user.startReadOnly(base);
        List<OpenSsl> clients = Stream.of(TLS13, TLS12).map(protocol -> OpenSsl.client(first.port()).host(ONE).protocol(protocol)).toList();
        OpenSsl forgotten = OpenSsl.client(first.port()).host(ONE).protocol(TLS13).from("127.0.7.3");
        forgotten.connect();
        forget(first, "client", "127.0.7.3");
        for (OpenSsl client : clients)
        {
            assertTrue(client.connect().connected(), first::log);
            assertTrue(client.connect().reused(), first::log);
        }
        assertFalse(first.log().contains("WARN :igt"), first::log);
        first.stop();
        base.property("jetty.ssl.port", String.valueOf(first.port()));
        try (JettyProcess again = user.startReadOnly(base))
        {
            for (OpenSsl client : clients)
            {
                assertTrue(client.connect().reused(), again::log);
            }
            assertFalse(forgotten.connect().reused(), again::log);
            assertEquals("rwx------", mode(volume.resolve("db")));
        }
    }

    @Test
    void withASharedForgetListNodesResumeEachOthersSessionsUnderASecret() throws Exception
    {
        OtherUser user = new OtherUser(1_000, FS_GROUP);
        Secret secret = new Secret(JettyBase.create("places-secret").path());
        try (RedisServer redis = RedisServer.start())
        {
            JettyBase base = administrated(secretBase(secret, "secret-redis")).modules("tls-resumption-redis")
                .property("jetty.tlsResumption.redis.uri", redis.uri());
            try (JettyProcess first = user.startReadOnly(base); JettyProcess second = user.startReadOnly(base.twin()))
            {
                List<OpenSsl> clients =
                    Stream.of(TLS13, TLS12).map(protocol -> OpenSsl.client(first.port()).host(ONE).protocol(protocol)).toList();
                for (OpenSsl client : clients)
                {
                    assertTrue(client.connect().connected());
                    assertTrue(client.at(second.port()).connect().reused(), second::log);
                }
                forget(first, "everyone", "");
                clients.forEach(client ->
                    Await.until(Duration.ofSeconds(10), () -> !client.at(second.port()).connect().reused(), second::log));
                assertFalse(first.log().contains("WARN :igt"), first::log);
            }
        }
    }

    /**
     * As the kubelet mounts it: a directory for each version, a link that is exchanged.
     */
    private static final class Secret
    {
        private final Path original;
        private final Path mount;
        private int version;

        Secret(Path directory) throws IOException
        {
            original = directory.resolve("original");
            mount = Files.createDirectory(directory.resolve("mount"));
            Files.setAttribute(mount, "unix:mode", 01777);
            Files.createSymbolicLink(mount.resolve("ring"), Path.of("..data/ring"));
            assertEquals(0, Cli.run("keys", "init", original.toString()).exit());
            swap();
        }

        Path path()
        {
            return mount.resolve("ring");
        }

        void rotate() throws IOException
        {
            assertEquals(0, Cli.run("keys", "rotate", original.toString()).exit());
            swap();
        }

        private void swap() throws IOException
        {
            Path next = Files.createDirectory(mount.resolve("..2026_" + version++));
            new OtherUser(0, FS_GROUP).owns(Files.copy(original, next.resolve("ring")), 0640);
            Files.move(Files.createSymbolicLink(mount.resolve("..data_tmp"), next.getFileName()), mount.resolve("..data"),
                StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static JettyBase secretBase(Secret secret, String name) throws IOException
    {
        JettyBase base = ModuleBase.plain("places-" + name);
        Documented.properties("Keys in a Secret, read-only", Map.of("/run/tls-keys", secret.path().getParent())).stream()
            .filter(line -> !line.contains("forgetLogFile")).forEach(base::line);
        return base;
    }

    private static JettyBase administrated(JettyBase base)
    {
        return base.modules("tls-resumption-admin")
            .property("jetty.tlsResumption.admin.port", "0")
            .property("jetty.tlsResumption.admin.password", PASSWORD)
            .property("jetty.tlsResumption.scope", "public");
    }

    private static void forget(JettyProcess jetty, String kind, String name)
    {
        String body = "{\"scope\":\"public\",\"kind\":\"" + kind + "\",\"name\":\"" + name + "\"}";
        HttpReply reply = new AdminClient(jetty).change("/api/forget", body, PASSWORD);
        assertEquals(200, reply.status(), reply::body);
    }

    private static Set<Path> files(JettyBase base, Secret secret) throws IOException
    {
        try (Stream<Path> ofBase = Files.walk(base.path()); Stream<Path> ofSecret = Files.list(secret.path().getParent()))
        {
            return Stream.concat(ofBase, ofSecret)
                .filter(path -> !path.getFileName().toString().matches("console-.*|\\.\\.2026.*")).collect(Collectors.toSet());
        }
    }

    private static JettyBase base(String name)
    {
        return ModuleBase.plain("places-" + name).property("jetty.tlsResumption.ticketKeyFile", "volume/" + NAME);
    }

    private static String mode(Path path) throws IOException
    {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static long version(String json)
    {
        String line = json.lines().filter(text -> text.startsWith("{")).findFirst().orElseThrow(() -> new AssertionError(json));
        return ((Number)((Map<?, ?>)new JSON().fromJSON(line)).get("version")).longValue();
    }
}
