package io.github.tlsresumption.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Servers that are embedded in an application, with the code of docs/embedding.md as it stands there and the libraries of
 * both lines of Jetty.
 */
@StartsProcesses
class EmbeddedIT
{
    private static final String APPLICATION = """
        package example;

        import io.github.tlsresumption.ResumptionSslContextFactory;
        import org.eclipse.jetty.io.Content;
        import org.eclipse.jetty.server.Handler;
        import org.eclipse.jetty.server.HttpConnectionFactory;
        import org.eclipse.jetty.server.Request;
        import org.eclipse.jetty.server.Response;
        import org.eclipse.jetty.server.Server;
        import org.eclipse.jetty.server.ServerConnector;
        import org.eclipse.jetty.util.Callback;

        public class Application
        {
            private static final String SESSION = "io.github.tlsresumption.session.";

            public static void main(String[] arguments)
            {
                try
                {
        %s
                    server.setHandler(new Handler.Abstract()
                    {
                        @Override
                        public boolean handle(Request request, Response response, Callback callback)
                        {
                            if ("forget".equals(request.getHttpURI().getQuery()))
                            {
                                ((Runnable)request.getAttribute(SESSION + "forget")).run();
                            }
                            String json = "{\\"resumed\\":" + request.getAttribute(SESSION + "resumed") + "}";
                            Content.Sink.write(response, true, json, callback);
                            return true;
                        }
                    });
                    server.start();
                }
                catch (Exception e)
                {
                    e.printStackTrace();
                    System.exit(1);
                }
            }
        }
        """;

    private static JettyBase application(String line) throws Exception
    {
        String code = ApplicationJar.code("docs/embedding.md", "new Server()").replace("8443", "0");
        assertTrue(code.contains("setTicketKeyFile"), code);
        return application(line, code);
    }

    /**
     * The short code leaves the server to its reader.
     */
    private static String codeWithoutTheOption() throws Exception
    {
        String code = ApplicationJar.code("docs/embedding.md", "server.addConnector(new ServerConnector(");
        assertFalse(code.contains("setTicketKeyFile"), code);
        return "Server server = new Server();\n" + code + "ResumptionSslContextFactory.customize(server);\n";
    }

    private static JettyBase application(String line, String code) throws Exception
    {
        JettyBase base = JettyBase.create("embedded-" + line).copy(ModuleBase.twoHosts(), "keystore.p12");
        Path home = line.equals("12.0") ? JettyHome.jetty120() : JettyHome.path();
        ApplicationJar.pack(base, APPLICATION.formatted(code.replace("\"secret\"", "\"" + KeyMaterial.PASSWORD + "\"")),
            ApplicationJar.withModule(home.resolve("lib"), home.resolve("lib/logging")));
        return base;
    }

    private static void assertResumesAndForgets(JettyProcess server)
    {
        OpenSsl client = OpenSsl.client(server.port()).host(ONE).protocol(TLS13);
        assertFalse(client.path("/").connect().reused());
        OpenSsl.Result second = client.path("/?forget").connect();
        assertTrue(second.reused(), second::output);
        assertEquals(true, second.reply().json().get("resumed"), second::output);
        assertFalse(client.connect().reused());
        assertFalse(server.log().contains("customize(server)"), server::log);
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.0", "12.1"})
    void theCodeOfTheDocumentResumesForgetsAndOutlivesARestart(String line) throws Exception
    {
        JettyBase base = application(line);
        List<String> command = JettyHome.briefly(List.of("-jar", "application.jar"));
        OpenSsl client;
        try (JettyProcess server = JettyProcess.start(base, command))
        {
            assertResumesAndForgets(server);
            client = OpenSsl.client(server.port()).host(ONE).protocol(TLS13).path("/");
            assertFalse(client.connect().reused());
        }
        try (JettyProcess server = JettyProcess.start(base, command))
        {
            OpenSsl.Result resumed = client.at(server.port()).connect();
            assertTrue(resumed.reused(), resumed::output);
        }
    }

    @Test
    void withoutTheOptionAKeyFileIsRefusedAndTheCodeForThatResumes() throws Exception
    {
        JettyBase refused = application("12.0");
        List<String> command = JettyHome.briefly(List.of("-cp", "application.jar", "example.Application"));
        String log = JettyProcess.startFails(refused, command);
        assertTrue(log.contains("--add-opens"), log);
        assertFalse(Files.exists(refused.path().resolve("tls-resumption.keys")), log);
        try (JettyProcess server = JettyProcess.start(application("12.0", codeWithoutTheOption()), command))
        {
            assertResumesAndForgets(server);
        }
    }
}
