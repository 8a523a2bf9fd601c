package io.github.tlsresumption;

import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * Factories in an embedded server, with JSSE's own client. Behind each test nothing is left in the JVM.
 */
abstract class FactoryTestBase
{
    static final String HOST = "one.test";
    static final String PASSWORD = "only-for-tests";
    static final String SECRET = "a-passphrase-that-nobody-shows";
    static final String TLS13 = "TLSv1.3";
    static final String TLS12 = "TLSv1.2";

    @TempDir
    static Path stores;

    final Provider[] providers = Security.getProviders();
    final Server server = new Server();

    @TempDir
    Path directory;

    @BeforeAll
    static void makeStores() throws Exception
    {
        makeStore("server.p12", HOST, true);
        makeStore("ca1.p12", "ca1", false);
        makeStore("ca2.p12", "ca2", false);
    }

    static void makeStore(String file, String name, boolean key) throws Exception
    {
        SelfSignedCertificate certificate = SelfSignedCertificate.create(name, Clock.systemUTC());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (key)
        {
            store.setKeyEntry(name, certificate.privateKey(), PASSWORD.toCharArray(), new Certificate[]{certificate.certificate()});
        }
        else
        {
            store.setCertificateEntry(name, certificate.certificate());
        }
        try (OutputStream out = Files.newOutputStream(stores.resolve(file)))
        {
            store.store(out, PASSWORD.toCharArray());
        }
    }

    @BeforeEach
    void letTheServerShowItsSessions()
    {
        ResumptionSslContextFactory.customize(server);
    }

    @AfterEach
    void nothingIsLeft() throws Exception
    {
        server.stop();
        assertNothingLeft();
    }

    void assertNothingLeft() throws InterruptedException
    {
        assertArrayEquals(providers, Security.getProviders());
        Thread[] threads = new Thread[Thread.activeCount() + 20];
        int count = Thread.enumerate(threads);
        for (int i = 0; i < count; i++)
        {
            if ("tls-resumption".equals(threads[i].getName()))
            {
                threads[i].join(5_000);
                assertFalse(threads[i].isAlive(), "a thread is left");
            }
        }
    }

    static ResumptionSslContextFactory factory()
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        return factory;
    }

    ServerConnector connector(SslContextFactory.Server factory)
    {
        HttpConfiguration configuration = new HttpConfiguration();
        ServerConnector connector = new ServerConnector(server, factory, new HttpConnectionFactory(configuration));
        server.addConnector(connector);
        server.setHandler(new ShowsItsSession());
        return connector;
    }

    /**
     * Answers with the attributes of the session, a line each.
     */
    static final class ShowsItsSession extends Handler.Abstract
    {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
        {
            StringBuilder text = new StringBuilder();
            for (String name : List.of(SessionCustomizer.RESUMED, SessionCustomizer.MODE, SessionCustomizer.ID, SessionCustomizer.PROTOCOL,
                SessionCustomizer.ESTABLISHED, SessionCustomizer.DEADLINE))
            {
                boolean listed = request.getAttributeNameSet().contains(name);
                text.append(name).append('=').append(listed ? request.getAttribute(name) : "not listed").append('\n');
            }
            response.getHeaders().put("Content-Length", text.length());
            Content.Sink.write(response, true, text.toString(), callback);
            return true;
        }
    }

    static String attribute(String body, String name)
    {
        return body.lines().filter(line -> line.startsWith(name + "=")).findFirst().orElseThrow().substring(name.length() + 1);
    }

    static JsseClient client(ServerConnector connector, String protocol)
    {
        return new JsseClient(connector.getLocalPort(), HOST, protocol);
    }

    /**
     * Stores of a cluster in the heap.
     */
    static SharedStores sharedStores()
    {
        return (SharedStores)Proxy.newProxyInstance(FactoryTestBase.class.getClassLoader(),
            new Class<?>[]{SharedStores.class}, (proxy, method, arguments) -> switch (method.getName())
            {
                case "ticketKeyStore" -> new MemoryTicketKeyStore();
                case "forgetLog" -> ForgetLog.none();
                case "sessionKeyStore" -> new HeapSessionKeyStore(1, Clock.systemUTC());
                case "time" -> Instant.now();
                case "offsets" -> List.of(Duration.ZERO);
                case "describe" -> "a heap";
                case "setting" -> "setSharedStores";
                case "again" -> Optional.empty();
                default -> null;
            });
    }
}
