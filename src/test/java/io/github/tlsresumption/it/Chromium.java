package io.github.tlsresumption.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.eclipse.jetty.util.ajax.JSON;

/**
 * A headless Chromium with a fresh profile, driven by its DevTools protocol. All pages are loaded by one browser, so it has its
 * memory for TLS sessions as a user's browser has. Names that end in {@code .test} lead to this machine.
 */
public final class Chromium implements AutoCloseable
{
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");

    private static final Map<String, Integer> KEY_CODES = Map.of("Tab", 9, "Enter", 13, "ArrowLeft", 37);

    private final Process process;
    private final StringBuffer console = new StringBuffer();
    private final CompletableFuture<URI> address = new CompletableFuture<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Map<String, Object>>> answers = new ConcurrentHashMap<>();
    private final BlockingQueue<Map<String, Object>> events = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    private final String page;

    /**
     * A page as the browser showed it.
     *
     * @param status the status code of the document
     * @param text the text that a reader sees
     * @param connection the number by which the browser tells its connections apart
     * @param protocol what was spoken, such as {@code http/1.1}
     * @param tls the version of TLS
     */
    public record Page(int status, String text, long connection, String protocol, String tls)
    {
    }

    /**
     * @param keyStore the server's keys, which the browser shall trust
     */
    public Chromium(Path keyStore)
    {
        Path program = Tools.require("chromium", "chromium-browser", "google-chrome", "chrome");
        try
        {
            Path profile = Files.createTempDirectory(Files.createDirectories(JettyHome.scratch()), "chromium");
            // No connections in advance, which would be full handshakes at the first page and carry the second.
            Path preferences = Files.createDirectories(profile.resolve("Default")).resolve("Preferences");
            Files.writeString(preferences, "{\"net\":{\"network_prediction_options\":2}}");
            List<String> command = new ArrayList<>(List.of(program.toString(), "--headless", "--no-sandbox", "--disable-gpu",
                "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-dev-shm-usage", "--no-proxy-server"));
            // Known keys rather than ignored errors: the browser treats the connection as any good one.
            command.add("--ignore-certificate-errors-spki-list=" + String.join(",", KeyMaterial.pins(keyStore)));
            command.add("--host-resolver-rules=MAP *.test 127.0.0.1");
            command.add("--user-data-dir=" + profile);
            command.add("--remote-debugging-port=0");
            command.add("about:blank");
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        Thread reader = new Thread(this::read, "console of Chromium");
        reader.setDaemon(true);
        reader.start();
        try
        {
            URI devTools = await(address);
            socket = await(HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(devTools, new Receiver()));
            Object target = call(null, "Target.createTarget", Map.of("url", "about:blank")).get("targetId");
            page = (String)call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true)).get("sessionId");
            call(page, "Page.enable", Map.of());
            call(page, "Network.enable", Map.of());
            call(page, "Network.setCacheDisabled", Map.of("cacheDisabled", true));
        }
        catch (RuntimeException | Error e)
        {
            end();
            throw e;
        }
    }

    /**
     * @param url the address of a page
     * @return the page, completely loaded
     */
    public Page load(String url)
    {
        events.clear();
        Map<String, Object> navigation = call(page, "Page.navigate", Map.of("url", url));
        if (navigation.get("errorText") != null)
        {
            throw new AssertionError(url + ": " + navigation.get("errorText"));
        }
        Map<String, Object> response = null;
        Map<String, Object> event = nextEvent();
        while (!event.get("method").equals("Page.loadEventFired"))
        {
            Map<String, Object> parameters = object(event.get("params"));
            if (event.get("method").equals("Network.responseReceived") && parameters.get("type").equals("Document"))
            {
                response = object(parameters.get("response"));
            }
            event = nextEvent();
        }
        if (response == null)
        {
            throw new AssertionError(url + ": no answer");
        }
        Map<String, Object> evaluated = call(page, "Runtime.evaluate", Map.of("expression", "document.documentElement.innerText"));
        return new Page(
            ((Number)response.get("status")).intValue(),
            (String)object(evaluated.get("result")).get("value"),
            ((Number)response.get("connectionId")).longValue(),
            (String)response.get("protocol"),
            (String)object(response.get("securityDetails")).get("protocol"));
    }

    /**
     * @param expression JavaScript
     * @return its value in the page
     */
    public Object evaluate(String expression)
    {
        Map<String, Object> evaluated = call(page, "Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (evaluated.get("exceptionDetails") != null)
        {
            throw new AssertionError(expression + ": " + evaluated.get("exceptionDetails"));
        }
        return object(evaluated.get("result")).get("value");
    }

    /**
     * @param text what a user types into the element that has the focus
     */
    public void type(String text)
    {
        call(page, "Input.insertText", Map.of("text", text));
    }

    /**
     * @param key {@code Tab}, {@code Enter} or {@code ArrowLeft}
     */
    public void press(String key)
    {
        Map<String, Object> event = new LinkedHashMap<>(Map.of("key", key, "code", key));
        event.put("windowsVirtualKeyCode", KEY_CODES.get(key));
        event.put("type", "keyDown");
        if (key.equals("Enter"))
        {
            event.put("text", "\r");
        }
        call(page, "Input.dispatchKeyEvent", event);
        event.remove("text");
        event.put("type", "keyUp");
        call(page, "Input.dispatchKeyEvent", event);
    }

    /**
     * @param width of the window in pixels
     * @param height of the window in pixels
     * @param scheme {@code light} or {@code dark}, as the user prefers
     */
    public void view(int width, int height, String scheme)
    {
        call(page, "Emulation.setDeviceMetricsOverride",
            Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        call(page, "Emulation.setEmulatedMedia",
            Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /**
     * @param file where to keep a picture of the window, as PNG
     */
    public void picture(Path file)
    {
        try
        {
            String data = (String)call(page, "Page.captureScreenshot", Map.of("format", "png")).get("data");
            Files.write(file, Base64.getDecoder().decode(data));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close()
    {
        end();
    }

    private void end()
    {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        Await.until(PATIENCE, () -> all.stream().noneMatch(ProcessHandle::isAlive), () -> "Chromium cannot be ended");
    }

    private Map<String, Object> nextEvent()
    {
        try
        {
            Map<String, Object> event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (event == null)
            {
                throw new AssertionError("Chromium is silent:\n" + console);
            }
            return event;
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Object> call(String session, String method, Map<String, Object> parameters)
    {
        int id = ids.incrementAndGet();
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        answers.put(id, answer);
        Map<String, Object> message = new LinkedHashMap<>(Map.of("id", id, "method", method, "params", parameters));
        if (session != null)
        {
            message.put("sessionId", session);
        }
        await(socket.sendText(new JSON().toJSON(message), true));
        Map<String, Object> received = await(answer);
        if (received.get("error") != null)
        {
            throw new AssertionError(method + ": " + received.get("error"));
        }
        return object(received.get("result"));
    }

    private <T> T await(CompletableFuture<T> future)
    {
        try
        {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        catch (ExecutionException | TimeoutException e)
        {
            throw new AssertionError("Chromium:\n" + console, e);
        }
    }

    private void read()
    {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)))
        {
            for (String line = lines.readLine(); line != null; line = lines.readLine())
            {
                console.append(line).append('\n');
                Matcher listening = LISTENING.matcher(line);
                if (listening.find())
                {
                    address.complete(URI.create(listening.group(1)));
                }
            }
        }
        catch (IOException e)
        {
            console.append(e);
        }
        address.completeExceptionally(new IOException("ended"));
    }

    private static Map<String, Object> object(Object value)
    {
        Map<String, Object> typed = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map)
        {
            map.forEach((name, content) -> typed.put(String.valueOf(name), content));
        }
        return typed;
    }

    /**
     * Puts the parts of messages together and hands them on: answers to those who asked, events to the queue.
     */
    private final class Receiver implements WebSocket.Listener
    {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last)
        {
            text.append(data);
            if (last)
            {
                Map<String, Object> message = HttpReply.json(text.toString());
                text.setLength(0);
                if (message.get("id") instanceof Number id)
                {
                    answers.remove(id.intValue()).complete(message);
                }
                else
                {
                    events.add(message);
                }
            }
            webSocket.request(1);
            return null;
        }
    }
}
