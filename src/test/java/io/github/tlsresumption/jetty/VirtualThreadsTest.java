package io.github.tlsresumption.jetty;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.it.JsseClient;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Handshakes of many clients at once in virtual threads: nobody gets another's session, and our code pins no carrier.
 */
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadsTest
{
    private static final String HOST = "one.test";
    private static final int CLIENTS = 200;
    private static final int FIRST_CLIENTS = 20;
    private static final String PINNED = "jdk.VirtualThreadPinned";

    @TempDir
    private Path directory;

    private record Visit(boolean resumed, String session)
    {
    }

    private static final class Application extends Handler.Abstract
    {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
        {
            request.setAttribute(SessionCustomizer.PRINCIPAL, request.getHttpURI().getPath());
            Content.Sink.write(response, true, VirtualThreads.isVirtualThread() + " "
                + request.getAttribute(SessionCustomizer.RESUMED) + " " + request.getAttribute(SessionCustomizer.ID), callback);
            return true;
        }
    }

    private ResumptionSslContextFactory factory() throws Exception
    {
        ResumptionSslContextFactory factory = TestFactories.cache(directory, HOST);
        factory.setRules("once mode=cache singleUse=true");
        return factory;
    }

    private static List<JsseClient> clients(int count, int port)
    {
        List<JsseClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++)
        {
            clients.add(new JsseClient(port, HOST, i / 2 % 2 == 0 ? "TLSv1.3" : "TLSv1.2"));
        }
        return clients;
    }

    private static List<Visit> visitAll(ExecutorService threads, List<JsseClient> clients) throws Exception
    {
        List<Callable<Visit>> visits = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++)
        {
            JsseClient client = clients.get(i);
            String user = i % 2 == 0 ? "/even" : "/odd";
            visits.add(() ->
            {
                JsseClient.Result result = client.get(user);
                String[] words = result.reply().body().split(" ");
                assertEquals("true", words[0], "it is a virtual thread");
                assertEquals(result.resumed(), Boolean.parseBoolean(words[1]));
                return new Visit(result.resumed(), words[2]);
            });
        }
        List<Visit> done = new ArrayList<>();
        for (Future<Visit> visit : threads.invokeAll(visits))
        {
            done.add(visit.get());
        }
        return done;
    }

    @Test
    void manyHandshakesAtOnceKeepTheirSessionsApartAndPinNoCarrier() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        Server server = new Server(new VirtualThreadPool());
        ServerConnector connector = new ServerConnector(server, factory, new HttpConnectionFactory(new HttpConfiguration()));
        connector.setAcceptQueueSize(CLIENTS);
        server.addConnector(connector);
        server.setHandler(new Application());
        ResumptionSslContextFactory.customize(server);
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (Recording recording = new Recording())
        {
            server.start();
            // Whoever waits for a class to be loaded pins its carrier, whatever the class.
            List<JsseClient> first = clients(FIRST_CLIENTS, connector.getLocalPort());
            visitAll(threads, first);
            visitAll(threads, first);
            factory.forgetPrincipal("/even");
            visitAll(threads, first);
            List<JsseClient> clients = clients(CLIENTS, connector.getLocalPort());
            recording.enable(PINNED).withThreshold(Duration.ZERO).withStackTrace();
            recording.start();
            List<Visit> full = visitAll(threads, clients);
            List<Visit> resumed = visitAll(threads, clients);
            factory.forgetPrincipal("/even");
            List<Visit> last = visitAll(threads, clients);
            recording.stop();

            Set<String> sessions = new HashSet<>();
            for (int i = 0; i < CLIENTS; i++)
            {
                String client = "client " + i;
                assertTrue(sessions.add(full.get(i).session()), client);
                assertEquals(new Visit(false, full.get(i).session()), full.get(i), client);
                assertEquals(new Visit(true, full.get(i).session()), resumed.get(i), client);
                assertEquals(i % 2 != 0, last.get(i).resumed(), client);
                assertEquals(i % 2 != 0, last.get(i).session().equals(full.get(i).session()), client);
            }
            // Before, every monitor pins, those of the JDK's providers too (JEP 491).
            if (Runtime.version().feature() >= 24)
            {
                assertEquals(List.of(), pinnedByUs(recording));
            }
        }
        finally
        {
            threads.shutdownNow();
            server.stop();
        }
    }

    private List<String> pinnedByUs(Recording recording) throws Exception
    {
        Path file = directory.resolve("pinned.jfr");
        recording.dump(file);
        List<String> pinned = new ArrayList<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file))
        {
            if (event.getStackTrace() != null && event.getStackTrace().getFrames().stream()
                .anyMatch(frame -> frame.getMethod().getType().getName().startsWith("io.github.tlsresumption")))
            {
                pinned.add(event.toString());
            }
        }
        return pinned;
    }
}
