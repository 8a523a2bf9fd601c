package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Over sockets, with OpenSSL's client.
 */
@Tag("process")
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class OpenSslClientTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final Certificates.Identity CLIENT = Certificates.of(Certificates.Kind.CLIENT);
    private static final Consumer<SSLParameters> AS_IS = parameters ->
    {
    };

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();

    @TempDir
    private Path directory;

    private static String client(int port, String input, String... options) throws IOException
    {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-ign_eof"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        // The server closes when it is told so.
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void aTicketResumes(String protocol) throws IOException
    {
        String file = directory.resolve("session").toString();
        try (NativeContext context = Peer.server(sessions, live, 1, null, SERVER))
        {
            try (SocketServer server = new SocketServer(context, AS_IS))
            {
                String first = client(server.port(), "bye\n", protocol, "-sess_out", file);
                assertTrue(first.contains("\nNew, "), first);
                String second = client(server.port(), "bye\n", protocol, "-sess_in", file, "-sess_out", file);
                assertTrue(second.contains("\nReused, "), second);
            }
            // Another context with the same key: as after a restart.
            try (NativeContext next = Peer.server(sessions, live, 1, null, SERVER); SocketServer server = new SocketServer(next, AS_IS))
            {
                String third = client(server.port(), "bye\n", protocol, "-sess_in", file);
                assertTrue(third.contains("\nReused, "), third);
                sessions.answer = opening -> Optional.empty();
                String refused = client(server.port(), "bye\n", protocol, "-sess_in", file);
                assertTrue(refused.contains("\nNew, "), refused);
                assertFalse(refused.contains("alert"), refused);
            }
        }
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }

    /** The library by itself would say seven days each time. */
    @ParameterizedTest
    @EnabledIf("io.github.tlsresumption.openssl.Library#sealsTickets")
    @CsvSource({"-1000, 1", "90000, 90", "86400000, 86400", "604800000, 604800", "2000000000, 604800"})
    void aClientIsToldWhatIsLeftOfTheSession(long millis, long seconds) throws IOException
    {
        // The time since then is less than the rounding.
        sessions.atSeal = () -> sessions.deadline = Optional.of(Instant.now().plusMillis(millis));
        String file = directory.resolve("session").toString();
        try (NativeContext context = Peer.server(sessions, live, 1, null, SERVER); SocketServer server = new SocketServer(context, AS_IS))
        {
            String first = client(server.port(), "bye\n", "-tls1_3", "-sess_out", file);
            assertTrue(first.contains("ticket lifetime hint: " + seconds + " (seconds)"), first);
            String second = client(server.port(), "bye\n", "-tls1_3", "-sess_in", file);
            assertTrue(second.contains("ticket lifetime hint: " + seconds + " (seconds)"), second);
        }
        if (seconds > 1)
        {
            assertEquals(1, sessions.resumed.get());
        }
    }

    @Test
    void aClientWithoutTicketsResumesByItsId() throws IOException
    {
        String file = directory.resolve("session").toString();
        try (NativeContext context = Peer.server(sessions, live, 1, null, SERVER); SocketServer server = new SocketServer(context, AS_IS))
        {
            client(server.port(), "bye\n", "-tls1_2", "-no_ticket", "-sess_out", file);
            String second = client(server.port(), "bye\n", "-tls1_2", "-no_ticket", "-sess_in", file);
            assertTrue(second.contains("\nReused, "), second);
        }
        assertEquals(1, sessions.kept.get());
        assertEquals(0, sessions.sealed.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void aClientShowsItsCertificate(String protocol) throws IOException, CertificateEncodingException
    {
        String pem = directory.resolve("client.pem").toString();
        Base64.Encoder encoder = Base64.getMimeEncoder(64, new byte[]{'\n'});
        Files.writeString(Path.of(pem), "-----BEGIN PRIVATE KEY-----\n" + encoder.encodeToString(CLIENT.key().getEncoded())
            + "\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n" + encoder.encodeToString(CLIENT.certificate().getEncoded())
            + "\n-----END CERTIFICATE-----\n");
        try (NativeContext context = Peer.server(sessions, live, 1, new Certificates.Trust(CLIENT), SERVER);
            SocketServer server = new SocketServer(context, parameters -> parameters.setNeedClientAuth(true)))
        {
            String known = client(server.port(), "hello\nbye\n", protocol, "-cert", pem, "-key", pem);
            assertTrue(known.contains("Acceptable client certificate CA names"), known);
            String nobody = client(server.port(), "bye\n", protocol);
            assertTrue(nobody.contains("alert"), nobody);
        }
        assertEquals(1, sessions.established.get());
        assertEquals(1, sessions.abandoned.get());
    }
}
