package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The commands of the README and of docs/operations.md, as they stand there: how the module comes into a base, how one sees that it works,
 * and how it goes again. What a reader replaces is replaced: the version, the address and the certificate's authority.
 */
@OnAnyJdk
@StartsProcesses
class DocumentCommandsIT
{
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```\\n(.*?)^```");
    private static final Pattern CERTIFICATE = Pattern.compile("(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n");
    private static final String HOST = "localhost";

    private static String block(String document, String part) throws IOException
    {
        return BLOCK.matcher(Files.readString(Path.of(document))).results()
            .map(found -> found.group(1))
            .filter(found -> found.contains(part))
            .findFirst()
            .orElseThrow();
    }

    private static Command.Output shell(JettyBase base, String commands, Map<String, String> replaced)
    {
        String script = commands;
        for (Map.Entry<String, String> each : replaced.entrySet())
        {
            assertTrue(script.contains(each.getKey()), script);
            script = script.replace(each.getKey(), each.getValue());
        }
        return Command.run(base.path(), List.of("env", "JETTY_BASE=" + base.path(), "JETTY_HOME=" + JettyHome.path(),
            "PATH=" + JettyHome.java().getParent() + ":" + System.getenv("PATH"), "bash", "-e", "-c", script));
    }

    @Test
    void theModuleComesWorksAndGoesByTheCommandsOfTheDocuments() throws IOException
    {
        Path keys = KeyMaterial.server(KeyMaterial.Algorithm.EC, HOST);
        JettyBase base = JettyBase.https("documents", keys);
        Path authority = base.path().resolve("authority.pem");
        Files.writeString(authority, CERTIFICATE.matcher(Files.readString(KeyMaterial.pem(keys, HOST, base.path().resolve("server.pem"))))
            .results().map(MatchResult::group).findFirst().orElseThrow());
        Path zip = JettyHome.moduleZip();
        Files.copy(zip, base.path().resolve(zip.getFileName()));
        String version = zip.getFileName().toString().replaceAll("jetty-tls-resumption-(.*)-module\\.zip", "$1");
        shell(base, block("README.md", "--add-modules=tls-resumption"), Map.of("<version>", version)).succeeded();

        try (JettyProcess jetty = base.startByStartJar())
        {
            String address = HOST + ":" + jetty.port();
            Command.Output check = shell(base, block("README.md", "check localhost:8443"), Map.of(
                "jetty-tls-resumption-<version>-cli.jar", System.getProperty("it.cliJar"),
                "localhost:8443", address + " --ca " + authority)).succeeded();
            assertTrue(check.text().contains("resumes by psk"), check::text);
            Command.Output byHand = shell(base, block("docs/operations.md", "openssl s_client"), Map.of(
                "host:443", address, "-servername host", "-servername " + HOST, "/tmp/s", "s", "/tmp/first", "first"));
            assertTrue(byHand.text().contains("\nReused, TLSv1.3"), byHand::text);
        }

        shell(base, block("docs/operations.md", "rm -rf start.d"), Map.of()).succeeded();
        try (JettyProcess jetty = base.startByStartJar())
        {
            assertFalse(jetty.log().contains("TLS resumption"), jetty::log);
            assertFalse(OpenSsl.client(jetty.port()).host(HOST).protocol(TLS13).connect().reused());
        }
    }
}
