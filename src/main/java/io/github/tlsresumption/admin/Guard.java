package io.github.tlsresumption.admin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.github.tlsresumption.crypto.Digests;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets through what may be asked, and gives every answer the headers by which a browser protects it.
 * <p>
 * Against other web pages in the operator's browser: the host must be one by which this server is known, so that no page reads by a
 * name that leads here (DNS rebinding); a change needs a header that no form can send and, where there is an Origin, this one; and a
 * browser never keeps the password, since the page sends it itself.
 * <p>
 * Against guessing, a {@link Brake} for the loopback interface and another one for everywhere else, so that nobody from elsewhere slows
 * down an operator of this host.
 */
final class Guard extends Handler.Wrapper
{
    private static final Logger LOG = LoggerFactory.getLogger(Guard.class);
    private static final String USER = "admin";
    private static final String HEADER = "X-Tls-Resumption";
    private static final String BASIC = "basic ";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
    private static final Set<String> WILDCARDS = Set.of("", "0.0.0.0", "::", "[::]");
    private static final Map<String, String> HEADERS = Map.of(
        "Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options", "nosniff",
        "X-Frame-Options", "DENY",
        "Referrer-Policy", "no-referrer",
        "Cross-Origin-Resource-Policy", "same-origin",
        "Cross-Origin-Opener-Policy", "same-origin",
        "Cache-Control", "no-store");

    private final Set<String> publicPaths = new HashSet<>();
    private final Brake here;
    private final Brake elsewhere;
    private boolean authenticateReads;
    private String host = "";
    private Optional<byte[]> passwordDigest = Optional.empty();

    /**
     * @param nanos a clock as {@link System#nanoTime}
     */
    Guard(Handler guarded, LongSupplier nanos)
    {
        super(guarded);
        here = new Brake(nanos);
        elsewhere = new Brake(nanos);
    }

    boolean isAuthenticatingReads()
    {
        return authenticateReads;
    }

    void setAuthenticateReads(boolean authenticate)
    {
        authenticateReads = authenticate;
    }

    void addPublic(String path)
    {
        publicPaths.add(path);
    }

    /**
     * @param configured the host on which the server listens, null for all
     * @param digest of the password, if there is one
     */
    void configure(String configured, Optional<byte[]> digest)
    {
        host = configured == null ? "" : configured.toLowerCase(Locale.ROOT);
        passwordDigest = digest;
    }

    /**
     * @param response which gets the headers that protect a browser
     */
    static void protect(Response response)
    {
        HEADERS.forEach((name, value) -> response.getHeaders().put(name, value));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception
    {
        protect(response);
        Optional<Refusal> refusal = refusal(request);
        if (refusal.isPresent())
        {
            return refuse(refusal.get(), request, response, callback);
        }
        Optional<String> guarded = guarded(request);
        return guarded.isEmpty() ? pass(request, response, callback) : authenticate(guarded.get(), request, response, callback);
    }

    private boolean pass(Request request, Response response, Callback callback) throws Exception
    {
        if (!super.handle(request, response, callback))
        {
            Answer.error(HttpStatus.NOT_FOUND_404, "there is nothing at " + request.getHttpURI().getPath()).send(response, callback);
        }
        return true;
    }

    private static boolean refuse(Refusal refusal, Request request, Response response, Callback callback)
    {
        if (refusal.status() == HttpStatus.UNAUTHORIZED_401)
        {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Basic realm=\"tls-resumption\", charset=\"UTF-8\"");
        }
        if (refusal.status() == HttpStatus.METHOD_NOT_ALLOWED_405)
        {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD, POST");
        }
        if (refusal.status() == HttpStatus.TOO_MANY_REQUESTS_429)
        {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, String.valueOf(Brake.LONGEST.toSeconds()));
        }
        if (HttpMethod.POST.is(request.getMethod()))
        {
            // The body may still be on its way. Jetty would end the connection for it without telling, perhaps under the next request.
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
        }
        LOG.debug("{} {} of {}: {}", request.getMethod(), request.getHttpURI().getPath(), Request.getRemoteAddr(request), refusal);
        Answer.error(refusal.status(), refusal.message()).send(response, callback);
        return true;
    }

    /**
     * Why a request is not let through.
     */
    private record Refusal(int status, String message)
    {
    }

    /*
     * Why it is not let through, whoever sends it.
     */
    private Optional<Refusal> refusal(Request request)
    {
        String authority = request.getHeaders().get(HttpHeader.HOST);
        if (authority == null || !isKnown(request.getHttpURI().getHost()))
        {
            return Optional.of(new Refusal(HttpStatus.FORBIDDEN_403, "this host name is not that of the admin pages: use localhost, or "
                + "the one that jetty.tlsResumption.admin.host sets"));
        }
        String method = request.getMethod();
        if (HttpMethod.POST.is(method))
        {
            return refusalToChange(request, authority);
        }
        if (!HttpMethod.GET.is(method) && !HttpMethod.HEAD.is(method))
        {
            return Optional.of(new Refusal(HttpStatus.METHOD_NOT_ALLOWED_405, "GET reads, POST changes"));
        }
        return Optional.empty();
    }

    private Optional<Refusal> refusalToChange(Request request, String authority)
    {
        HttpField origin = request.getHeaders().getField(HttpHeader.ORIGIN);
        if (origin != null && !origin.getValue().equalsIgnoreCase("http://" + authority))
        {
            return Optional.of(new Refusal(HttpStatus.FORBIDDEN_403, "another site's page may not change anything"));
        }
        if (!"1".equals(request.getHeaders().get(HEADER)))
        {
            return Optional.of(new Refusal(HttpStatus.FORBIDDEN_403, "a change needs the header " + HEADER + ": 1"));
        }
        return Optional.empty();
    }

    /*
     * What it asks for that needs the password.
     */
    private Optional<String> guarded(Request request)
    {
        if (HttpMethod.POST.is(request.getMethod()))
        {
            return Optional.of("a change");
        }
        boolean free = publicPaths.contains(request.getHttpURI().getCanonicalPath()) || !authenticateReads && isLoopback(request);
        return free ? Optional.empty() : Optional.of("reading from here");
    }

    private boolean authenticate(String what, Request request, Response response, Callback callback) throws Exception
    {
        if (passwordDigest.isEmpty())
        {
            return refuse(new Refusal(HttpStatus.FORBIDDEN_403, what + " needs a password, and there is none: set "
                + "jetty.tlsResumption.admin.password or jetty.tlsResumption.admin.passwordFile"), request, response, callback);
        }
        if (request.getHeaders().get(HttpHeader.AUTHORIZATION) == null)
        {
            return refuse(unauthorized(what), request, response, callback);
        }
        Brake brake = isLoopback(request) ? here : elsewhere;
        Optional<Duration> wait = brake.take();
        if (wait.isEmpty())
        {
            logWrong(brake, request);
            return refuse(new Refusal(HttpStatus.TOO_MANY_REQUESTS_429, "there were too many wrong passwords: try again in "
                + Brake.LONGEST.toSeconds() + " seconds"), request, response, callback);
        }
        if (wait.get().isZero())
        {
            return decide(what, brake, request, response, callback);
        }
        // Nobody waits in a thread, of which there are few.
        getServer().getScheduler().schedule(() -> getServer().getThreadPool().execute(() ->
        {
            try
            {
                decide(what, brake, request, response, callback);
            }
            catch (Throwable e)
            {
                Response.writeError(request, response, callback, e);
            }
        }), wait.get().toNanos(), TimeUnit.NANOSECONDS);
        return true;
    }

    private boolean decide(String what, Brake brake, Request request, Response response, Callback callback) throws Exception
    {
        String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (given.toLowerCase(Locale.ROOT).startsWith(BASIC) && isRight(given.substring(BASIC.length()).strip()))
        {
            brake.giveBack();
            return pass(request, response, callback);
        }
        logWrong(brake, request);
        return refuse(unauthorized(what), request, response, callback);
    }

    private static Refusal unauthorized(String what)
    {
        return new Refusal(HttpStatus.UNAUTHORIZED_401, what + " needs the user " + USER + " and the right password");
    }

    private static void logWrong(Brake brake, Request request)
    {
        brake.wrong().ifPresent(count -> LOG.warn("{} for the admin pages, from {}{}", count == 1 ? "A wrong user or password"
            : count + " wrong users or passwords", Request.getRemoteAddr(request), count == 1 ? "" : " the last time"));
    }

    private boolean isRight(String credentials)
    {
        try
        {
            String[] parts = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8).split(":", 2);
            return parts.length == 2 && parts[0].equals(USER) && Digests.equal(passwordDigest.get(), AdminServer.digest(parts[1]));
        }
        catch (IllegalArgumentException e)
        {
            return false;
        }
    }

    private boolean isKnown(String name)
    {
        if (name == null)
        {
            return false;
        }
        String asked = name.toLowerCase(Locale.ROOT);
        // To an address nobody else's name leads.
        boolean address = asked.startsWith("[") || asked.matches("[0-9.]+");
        return LOOPBACK.contains(asked) || asked.equals(host) || asked.equals("[" + host + "]") || WILDCARDS.contains(host) && address;
    }

    private static boolean isLoopback(Request request)
    {
        SocketAddress remote = request.getConnectionMetaData().getRemoteSocketAddress();
        InetAddress address = remote instanceof InetSocketAddress inet ? inet.getAddress() : null;
        return address != null && address.isLoopbackAddress();
    }
}
