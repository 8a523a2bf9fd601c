package io.github.tlsresumption.jetty;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EventListener;
import java.util.List;
import javax.tools.ToolProvider;

import io.github.tlsresumption.CaughtLog;
import io.github.tlsresumption.ResumptionSslContextFactory;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/**
 * Releases of Jetty's module {@code setuid}, whose class is made here.
 */
class SetUidTest
{
    @TempDir
    private Path directory;

    private Server server(String members) throws Exception
    {
        Path source = Files.createDirectories(directory.resolve("org/eclipse/jetty/setuid")).resolve("SetUIDListener.java");
        Files.writeString(source, "package org.eclipse.jetty.setuid; public class SetUIDListener implements java.util.EventListener { "
            + members + " }");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", source.toString()));
        Server server = new Server();
        try (URLClassLoader classes = new URLClassLoader(new URL[]{directory.toUri().toURL()}))
        {
            server.addEventListener((EventListener)classes.loadClass("org.eclipse.jetty.setuid.SetUIDListener").getConstructor()
                .newInstance());
        }
        ResumptionSslContextFactory.customize(server);
        return server;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "public boolean isStartServerAsPrivileged() { return true; }",
        "public boolean isStartServerAsPrivileged() { throw new IllegalStateException(); }"})
    void oneThatIsNotKnownIsRefusedByTheFirstLine(String members) throws Exception
    {
        Server server = server(members);
        try (CaughtLog log = new CaughtLog())
        {
            assertThrows(IllegalStateException.class, server::start);
            List<String> refusals = log.warnings().stream().filter(line -> line.contains("refuses to start")).toList();
            assertEquals(1, refusals.size(), log.warnings()::toString);
            assertEquals(refusals, log.warnings().subList(0, 1), "something else comes first");
            assertEquals("tls-resumption refuses to start: jetty.setuid.startServerAsPrivileged: this release of Jetty's module setuid is "
                + "not known, so the ticket keys cannot be given to the user whom the server becomes; set "
                + "jetty.setuid.startServerAsPrivileged=false, or remove one of the modules",
                refusals.get(0).substring(refusals.get(0).indexOf("tls-resumption refuses")));
        }
        finally
        {
            server.stop();
        }
    }

    /**
     * By default the server is another user before our start.
     */
    @Test
    void oneThatChangesBeforeIsNoneOfOurBusiness() throws Exception
    {
        Server server = server("public boolean isStartServerAsPrivileged() { return false; } public int getUid() { return 7; } "
            + "public int getGid() { return 7; }");
        server.start();
        server.stop();
    }
}
