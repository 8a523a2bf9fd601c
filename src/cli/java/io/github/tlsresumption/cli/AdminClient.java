package io.github.tlsresumption.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import io.github.tlsresumption.json.BoundedJson;
import io.github.tlsresumption.json.JsonObject;
import io.github.tlsresumption.keys.Passphrases;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/**
 * Talks to a server's administration connector.
 */
final class AdminClient
{
    private static final String PASSWORD_VARIABLE = "TLS_RESUMPTION_ADMIN_PASSWORD";
    /** Longer than the server lets anybody wait who comes while somebody guesses. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** More than any server of ours sends. */
    private static final int MOST_BYTES = 16 << 20;
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int UNAUTHORIZED = 401;
    /** Bad request, not found, conflict. */
    private static final Set<Integer> REJECTIONS = Set.of(400, 404, 409);

    @Option(names = "--url", paramLabel = "URL", defaultValue = "http://127.0.0.1:8081", description = "The address of the "
        + "server's administration connector. Default: ${DEFAULT-VALUE}.")
    private URI url;

    @Option(names = "--password-file", paramLabel = "FILE", description = "A file with the administrator's password. Default: the "
        + "environment variable " + PASSWORD_VARIABLE + ".")
    private Path passwordFile;

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    /**
     * Made by picocli.
     */
    AdminClient()
    {
    }

    /**
     * @return what the server says of itself
     */
    Map<String, Object> status()
    {
        return send(HttpRequest.newBuilder(resolved("/api/status")).GET());
    }

    /**
     * @return how handshakes went in the last minutes; none when the server does not say
     */
    Optional<Map<String, Object>> history()
    {
        try
        {
            return Optional.of(send(HttpRequest.newBuilder(resolved("/api/history")).GET()));
        }
        catch (CannotException e)
        {
            // The status alone tells enough.
            return Optional.empty();
        }
    }

    /**
     * The server was reached, and does not do that.
     */
    static final class RejectedException extends CannotException
    {
        private static final long serialVersionUID = 1L;

        RejectedException(String message)
        {
            super(message);
        }
    }

    /**
     * @param path of the operation
     * @param body its parameters
     * @return the server's answer
     */
    Map<String, Object> post(String path, JsonObject body)
    {
        if (authorization().isEmpty())
        {
            throw new CannotException("this needs the administrator's password: name its file by --password-file, or set "
                + PASSWORD_VARIABLE);
        }
        return send(HttpRequest.newBuilder(resolved(path)).header("Content-Type", "application/json")
            .header("X-Tls-Resumption", "1").POST(HttpRequest.BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8)));
    }

    private URI resolved(String path)
    {
        String scheme = url.getScheme();
        if (!"http".equals(scheme) && !"https".equals(scheme) || url.getHost() == null || url.getUserInfo() != null)
        {
            throw new ParameterException(spec.commandLine(), "--url is http://HOST:PORT or https://HOST:PORT, without a password");
        }
        return url.resolve(path);
    }

    private Map<String, Object> send(HttpRequest.Builder builder)
    {
        Optional<String> authorization = authorization();
        if (authorization.isPresent())
        {
            if (url.getScheme().equals("http") && !isLoopback())
            {
                throw new CannotException(url + " would get the password in clear over a network: use https, or a tunnel to the server's "
                    + "own address 127.0.0.1");
            }
            builder.header("Authorization", authorization.get());
        }
        try
        {
            HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).version(HttpClient.Version.HTTP_1_1).build();
            HttpResponse<InputStream> response = client.send(builder.timeout(PATIENCE).build(),
                HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body())
            {
                return answer(response.statusCode(), new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8));
            }
        }
        catch (IOException e)
        {
            throw new CannotException(url + " cannot be reached: " + Optional.ofNullable(e.getMessage()).orElse("nothing answers there")
                + ". Is the module tls-resumption-admin enabled there, and is that its address? Another is named by --url", e);
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new CannotException("interrupted", e);
        }
    }

    private Map<String, Object> answer(int status, String text)
    {
        Optional<Map<String, Object>> body;
        try
        {
            body = Optional.of(BoundedJson.parse(text));
        }
        catch (IllegalArgumentException e)
        {
            body = Optional.empty();
        }
        if ((status == OK || status == ACCEPTED) && body.isPresent())
        {
            return body.get();
        }
        String reason = body.map(json -> json.get("error")).map(Object::toString)
            .orElse(status == UNAUTHORIZED ? "the password is wrong, or there is none"
                : "HTTP status " + status + (status == OK ? ", but no JSON: another server?" : ""));
        String message = url + " says: " + reason;
        throw REJECTIONS.contains(status) ? new RejectedException(message) : new CannotException(message);
    }

    private Optional<String> authorization()
    {
        return password().map(password -> "Basic " + Base64.getEncoder().encodeToString(("admin:" + password)
            .getBytes(StandardCharsets.UTF_8)));
    }

    private Optional<String> password()
    {
        if (passwordFile == null)
        {
            return Optional.ofNullable(System.getenv(PASSWORD_VARIABLE)).filter(value -> !value.isEmpty());
        }
        char[] password;
        try
        {
            password = Passphrases.fromFile(passwordFile).get();
        }
        catch (RuntimeException e)
        {
            throw new CannotException("--password-file: " + e.getMessage(), e);
        }
        String text = new String(password);
        Arrays.fill(password, '\0');
        return Optional.of(text);
    }

    private boolean isLoopback()
    {
        try
        {
            return InetAddress.getByName(url.getHost()).isLoopbackAddress();
        }
        catch (UnknownHostException e)
        {
            return false;
        }
    }
}
