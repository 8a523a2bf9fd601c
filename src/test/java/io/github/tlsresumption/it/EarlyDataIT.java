package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * A client that has its session from another server under the same name, one that allows early data, is served all the same.
 */
@StartsProcesses
@OnEachEngine
class EarlyDataIT
{
    private static final Path DIRECTORY = JettyHome.scratch().resolve("early-data-" + ProcessHandle.current().pid());
    private static JettyProcess jetty;
    private static OtherServer nginx;
    private static int other;

    @BeforeAll
    static void start() throws Exception
    {
        Files.createDirectories(DIRECTORY);
        KeyStore store = KeyStore.getInstance(ModuleBase.twoHosts().toFile(), KeyMaterial.PASSWORD.toCharArray());
        Certificate certificate = store.getCertificate(ONE);
        Key key = store.getKey(ONE, KeyMaterial.PASSWORD.toCharArray());
        Path pem = Files.writeString(DIRECTORY.resolve("server.pem"),
            pem("CERTIFICATE", certificate.getEncoded()) + pem("PRIVATE KEY", key.getEncoded()));
        other = OtherServer.freePort();
        nginx = OtherServer.nginx(DIRECTORY.resolve("nginx"), """
            server {
              listen 127.0.0.1:%d ssl;
              ssl_certificate %s;
              ssl_certificate_key %2$s;
              ssl_protocols TLSv1.3;
              ssl_early_data on;
              location / { return 200 "served"; }
            }
            """.formatted(other, pem), other);
        jetty = ModuleBase.probed("early-data", "ticket", "ticket").modules("jmx").start();
    }

    @AfterAll
    static void stop()
    {
        jetty.close();
        nginx.close();
    }

    private static String pem(String kind, byte[] content)
    {
        String lines = Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(content);
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(kind, lines);
    }

    private static OpenSsl early(int bytes, String... options) throws IOException
    {
        OpenSsl client = OpenSsl.client(other).host(ONE).protocol(TLS13).path(Probe.PATH).option(options);
        OpenSsl.Result first = client.connect();
        assertTrue(first.output().contains("Max Early Data: 16384"), first::output);
        String request = "GET " + Probe.PATH + " HTTP/1.1\r\nHost: " + ONE + "\r\nFiller: ";
        Path data = DIRECTORY.resolve("data-" + bytes);
        Files.writeString(data, request + "x".repeat(bytes - request.length()), StandardCharsets.US_ASCII);
        return client.at(jetty.port()).option("-early_data", data.toString(), "-msg");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 16_000})
    void earlyDataAreLeftOutAndTheClientIsServed(int bytes) throws IOException
    {
        try (Jmx jmx = Jmx.connect(jetty))
        {
            Map<String, Long> before = jmx.counts("handshakes");
            OpenSsl client = early(bytes);
            OpenSsl.Result result = client.connect();
            assertTrue(result.output().contains("Early data was rejected"), result::output);
            assertFalse(result.reused(), result::output);
            assertEquals(200, result.reply().status(), result::output);
            assertEquals(before.get("full") + 1, jmx.counts("handshakes").get("full"));
            assertEquals(before.get("ticket"), jmx.counts("handshakes").get("ticket"));
        }
    }

    /**
     * It has sent a key for the only group that it knows, so there is nothing to ask for.
     */
    @Test
    void whereThereIsNoOtherGroupTheConnectionIsLostAndItIsCounted() throws IOException
    {
        assumeFalse(ModuleBase.isNative(), "the native engine leaves early data out by itself");
        try (Jmx jmx = Jmx.connect(jetty))
        {
            long before = jmx.count("refusals", "early-data");
            OpenSsl client = early(100, "-groups", "X25519");
            OpenSsl.Result lost = client.connect();
            assertEquals(0, lost.reply().status(), lost::output);
            assertEquals(before + 1, jmx.count("refusals", "early-data"));
            assertTrue(jetty.log().contains("early-data"), jetty::log);
            List<OpenSsl.Result> others = List.of(ModuleBase.openSsl(jetty, ONE, TLS13).connect(), early(100).connect());
            others.forEach(result -> assertEquals(200, result.reply().status(), result::output));
        }
    }
}
