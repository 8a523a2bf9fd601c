package io.github.tlsresumption.admin;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.files.SecretFile;
import io.github.tlsresumption.keys.Passphrases;
import io.github.tlsresumption.settings.Refusal;
import io.github.tlsresumption.settings.Setting;
import io.github.tlsresumption.settings.StartRefusals;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.pathmap.ServletPathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.PathMappingsHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.security.Password;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server for operators. It is a server beside the one that it tells of, with a port and threads of its own: no application's
 * handler sees its requests, none of its pages is on a public port, and it answers when all other threads are busy. As a bean of that
 * server it starts and stops with it.
 */
public final class AdminServer extends Server
{
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final String PROPERTY = "jetty.tlsResumption.admin.";
    private static final String METRICS = "/metrics";
    private static final int DEFAULT_PORT = 8081;
    private static final int MAX_THREADS = 8;
    private static final long IDLE_TIMEOUT = 30_000;

    private final ServerConnector connector;
    private final PathMappingsHandler handlers = new PathMappingsHandler();
    private final Set<String> paths = new HashSet<>();
    private final Guard guard;
    private String password;
    private Path passwordFile;

    /**
     * With its connector on port 8081 of the loopback interface.
     */
    public AdminServer()
    {
        this(null, System::nanoTime);
    }

    /**
     * @param scheduler null for one of its own
     * @param nanos a clock as {@link System#nanoTime}
     */
    AdminServer(Scheduler scheduler, LongSupplier nanos)
    {
        super(threads(), scheduler, null);
        guard = new Guard(handlers, nanos);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        connector = new ServerConnector(this, 1, 1, new HttpConnectionFactory(configuration));
        connector.setName("tls-resumption-admin");
        connector.setHost("127.0.0.1");
        connector.setPort(DEFAULT_PORT);
        connector.setIdleTimeout(IDLE_TIMEOUT);
        addConnector(connector);
        setHandler(guard);
        setErrorHandler(AdminServer::sendError);
    }

    private static boolean sendError(Request request, Response response, Callback callback)
    {
        Guard.protect(response);
        Answer.error(response.getStatus(), HttpStatus.getMessage(response.getStatus())).send(response, callback);
        return true;
    }

    private static QueuedThreadPool threads()
    {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("tls-resumption-admin");
        threads.setReservedThreads(0);
        return threads;
    }

    /**
     * @param host the address, or its name, on which to listen; the default is 127.0.0.1
     */
    public void setHost(String host)
    {
        connector.setHost(host);
    }

    /**
     * @param port on which to listen; the default is 8081
     */
    public void setPort(int port)
    {
        connector.setPort(port);
    }

    /**
     * @return the port on which it listens
     */
    public int getLocalPort()
    {
        return connector.getLocalPort();
    }

    /**
     * @param password without which nothing can be changed; may be obfuscated as {@link Password} does it
     */
    public void setPassword(String password)
    {
        this.password = password == null || password.isEmpty() ? null : password;
    }

    /**
     * @param file holds the password, such as a mounted secret; line ends behind it do not count. {@link SecretFile} says who may read
     * it.
     */
    public void setPasswordFile(String file)
    {
        this.passwordFile = file == null || file.isBlank() ? null : Path.of(file.strip());
    }

    /**
     * @param authenticate whether reading from the loopback interface needs the password too, as it does from elsewhere; the default is
     * false
     */
    public void setAuthenticateReads(boolean authenticate)
    {
        guard.setAuthenticateReads(authenticate);
    }

    /**
     * @param authenticate {@code true} or {@code false}
     * @throws IllegalArgumentException when it is neither
     * @see #setAuthenticateReads(boolean)
     */
    public void setAuthenticateReads(String authenticate)
    {
        setAuthenticateReads(Setting.ADMIN_AUTHENTICATE_READS.requireTruth(authenticate));
    }

    /**
     * @param path an exact path at which a handler shows or changes something
     * @param handler the handler
     */
    public void add(String path, Handler handler)
    {
        paths.add(path);
        handlers.addMapping(new ServletPathSpec(path), handler);
    }

    /**
     * @param path an exact path at which a handler shows what everybody may know
     * @param handler the handler
     */
    public void addPublic(String path, Handler handler)
    {
        paths.add(path);
        guard.addPublic(path);
        // Of the servlet specification, "/" alone would be whatever no other handler has.
        handlers.addMapping(new ServletPathSpec(path.equals("/") ? "" : path), handler);
    }

    @Override
    protected void doStart() throws Exception
    {
        try
        {
            Optional<String> secret = secret();
            guard.configure(connector.getHost(), secret.map(AdminServer::digest));
            if (!isLoopback(connector.getHost()))
            {
                LOG.warn("The admin pages are on {}, which others can reach, without TLS: reading there needs the password{}",
                    connector.getHost(), secret.isPresent() ? "" : ", of which " + PROPERTY + "password sets none");
            }
            openPort();
        }
        catch (Exception e)
        {
            StartRefusals.log(Refusal.of(e, PROPERTY + "port"));
            throw e;
        }
        super.doStart();
        logUrls();
    }

    private void logUrls()
    {
        String host = connector.getHost() == null ? "0.0.0.0" : connector.getHost();
        String url = "http://" + (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + connector.getLocalPort();
        if (paths.contains("/"))
        {
            LOG.info("Admin page: {}/", url);
        }
        if (paths.contains(METRICS))
        {
            LOG.info("Metrics: {}{}", url, METRICS);
        }
    }

    /**
     * Before any thread is started.
     */
    private void openPort()
    {
        try
        {
            connector.open();
        }
        catch (IOException e)
        {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            boolean isHost = cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException
                || cause instanceof BindException && String.valueOf(cause.getMessage()).startsWith("Cannot assign");
            String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            throw new IllegalStateException(isHost
                ? PROPERTY + "host is " + connector.getHost() + ", which is no address of this host (" + reason + "): set one that is"
                : PROPERTY + "port is " + connector.getPort() + ", which cannot be opened on " + connector.getHost() + " (" + reason
                + "): set another one, or stop what listens there", e);
        }
    }

    private Optional<String> secret()
    {
        if (password != null && passwordFile != null)
        {
            throw new IllegalStateException(PROPERTY + "password is set beside .passwordFile: keep one");
        }
        Optional<String> secret = passwordFile != null
            ? Optional.of(new String(Passphrases.guarded(passwordFile, PROPERTY + "passwordFile").get()))
            : Optional.ofNullable(password).map(text -> new Password(text).toString());
        if (guard.isAuthenticatingReads() && secret.isEmpty())
        {
            throw new IllegalStateException(PROPERTY + "authenticateReads is true, but nobody could read anything: set " + PROPERTY
                + "password or .passwordFile");
        }
        return secret;
    }

    private static boolean isLoopback(String host)
    {
        try
        {
            return host != null && InetAddress.getByName(host).isLoopbackAddress();
        }
        catch (UnknownHostException e)
        {
            return false;
        }
    }

    static byte[] digest(String password)
    {
        return Digests.sha256("admin password", password.getBytes(StandardCharsets.UTF_8));
    }
}
