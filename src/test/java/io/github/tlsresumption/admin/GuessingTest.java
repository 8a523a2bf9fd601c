package io.github.tlsresumption.admin;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a guesser of the admin password is answered, by a clock that stands still.
 */
class GuessingTest
{
    private static final String PASSWORD = "correct horse";

    private final AtomicLong nanos = new AtomicLong();
    private final Waiting waiting = new Waiting();
    private final Server server = new Server();
    private final AdminServer admin = new AdminServer(waiting, nanos::get);
    private final HttpClient client = HttpClient.newHttpClient();

    /**
     * Keeps what waits for the brake until it is told to go on.
     */
    private static final class Waiting extends AbstractLifeCycle implements Scheduler
    {
        private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        private final BlockingQueue<Duration> delays = new LinkedBlockingQueue<>();

        @Override
        public Task schedule(Runnable task, long delay, TimeUnit units)
        {
            // Timeouts of connections and the history are scheduled otherwise.
            if (units == TimeUnit.NANOSECONDS)
            {
                tasks.add(task);
                delays.add(Duration.ofNanos(delay));
            }
            return () -> true;
        }

        private Duration next() throws InterruptedException
        {
            Duration delay = delays.poll(1, TimeUnit.MINUTES);
            assertNotNull(delay, "nothing waits");
            return delay;
        }

        private void goOn()
        {
            List<Runnable> all = new ArrayList<>();
            tasks.drainTo(all);
            all.forEach(Runnable::run);
        }
    }

    @BeforeEach
    void start() throws Exception
    {
        admin.setPort(0);
        admin.setHost("0.0.0.0");
        admin.setPassword(PASSWORD);
        AdminApi.install(admin, server);
        server.addBean(admin);
        server.start();
    }

    @AfterEach
    void stop() throws Exception
    {
        server.stop();
    }

    private CompletableFuture<HttpResponse<String>> rotate(String host, String password)
    {
        HttpRequest.Builder request = AdminRequests.authenticated(AdminRequests.to(admin, host, "/api/keys/rotate"), password);
        return client.sendAsync(AdminRequests.change(request), BodyHandlers.ofString());
    }

    private int status(String host, String password)
    {
        return rotate(host, password).join().statusCode();
    }

    private void spendFreeOnes(String host)
    {
        for (int i = 0; i < Brake.FREE; i++)
        {
            assertEquals(401, status(host, "wrong " + i));
        }
    }

    @Test
    void afterAFewWrongPasswordsAnswersComeInTurnAndThenPasswordsAreNotLookedAt() throws Exception
    {
        spendFreeOnes("127.0.0.1");
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 1; i <= 5; i++)
        {
            answers.add(rotate("127.0.0.1", i == 5 ? PASSWORD : "wrong"));
            assertEquals(Brake.INTERVAL.multipliedBy(i), waiting.next());
        }
        HttpResponse<String> tooMany = rotate("127.0.0.1", PASSWORD).join();
        assertEquals("close", tooMany.headers().firstValue("Connection").orElse(""), "its body may not have been read");
        assertEquals(429, tooMany.statusCode(), "the right one tells nothing either");
        assertEquals("10", tooMany.headers().firstValue("Retry-After").orElse(""));
        assertTrue(tooMany.body().contains("\"error\""), tooMany.body());
        assertTrue(answers.stream().noneMatch(CompletableFuture::isDone));

        waiting.goOn();

        for (int i = 0; i < 4; i++)
        {
            assertEquals(401, answers.get(i).join().statusCode());
        }
        HttpResponse<String> right = answers.get(4).join();
        assertEquals(400, right.statusCode());
        assertTrue(right.body().contains("there is no scope 'none'"), right.body());
        nanos.addAndGet(Brake.INTERVAL.multipliedBy(5).toNanos());
        for (int i = 0; i < 3 * Brake.FREE; i++)
        {
            assertEquals(400, status("127.0.0.1", PASSWORD));
        }
    }

    @Test
    void whoGuessesFromElsewhereDoesNotSlowDownWhoComesFromThisHost() throws Exception
    {
        String address = AdminRequests.ownAddress();
        spendFreeOnes(address);
        CompletableFuture<HttpResponse<String>> slow = rotate(address, "wrong");
        assertEquals(Brake.INTERVAL, waiting.next());

        assertEquals(400, status("127.0.0.1", PASSWORD));
        assertEquals(401, status("127.0.0.1", "wrong"));

        waiting.goOn();
        assertEquals(401, slow.join().statusCode());
    }
}
