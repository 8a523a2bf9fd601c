package io.github.tlsresumption;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.crypto.AesGcmKey;
import io.github.tlsresumption.files.SecretFile;
import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.jetty.ConnectorWatch;
import io.github.tlsresumption.jetty.FactorySettings;
import io.github.tlsresumption.jetty.HttpConfigurations;
import io.github.tlsresumption.jetty.JettyVersion;
import io.github.tlsresumption.jetty.LoadedCertificates;
import io.github.tlsresumption.jetty.OpenConnections;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.jsse.ResumptionSSLContext;
import io.github.tlsresumption.jsse.SunJsse;
import io.github.tlsresumption.keys.Exposure;
import io.github.tlsresumption.keys.FileRingMark;
import io.github.tlsresumption.keys.FileTicketKeyStore;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.Passphrases;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.resumption.HandshakeResult;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RingStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.StoreHealth;
import io.github.tlsresumption.ticket.StableId;
import io.github.tlsresumption.ticket.TlsSession;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Jetty;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.annotation.ManagedObject;
import org.eclipse.jetty.util.annotation.ManagedOperation;
import org.eclipse.jetty.util.annotation.Name;
import org.eclipse.jetty.util.component.Dumpable;
import org.eclipse.jetty.util.security.Password;
import org.eclipse.jetty.util.ssl.SniX509ExtendedKeyManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.ssl.X509;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link SslContextFactory.Server} that resumes sessions as the operator says: by tickets under keys that are
 * rotated, kept and shared, or by a cache of session keys, for a duration that counts from the full handshake.
 * <p>
 * Each setter is named as its property under {@code jetty.tlsResumption.}. Settings take effect at the next start.
 * What does not go together is refused at start with an exception that names the setting and the mend.
 */
@ManagedObject("TLS session resumption of a connector")
public class ResumptionSslContextFactory extends SslContextFactory.Server
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";
    private static final String ALLOW = "allow";
    private static final String FORBID = "forbid";
    private static final String FILE = "file";
    private static final String MEMORY = "memory";
    private static final String SHARED = "shared";
    private static final int DEFAULT_MAX_CACHED_SESSIONS = 100_000;
    private static final int DEFAULT_IPV4_PREFIX = 32;
    private static final int DEFAULT_IPV6_PREFIX = 64;
    private static final long DEFAULT_CLOCK_SKEW = 120;
    private static final long LONGEST_CLOCK_SKEW = 3_600;
    private static final int DEFAULT_MAX_FORGOTTEN = 100_000;
    private static final int DEFAULT_MAX_PRINCIPALS = 100_000;
    private static final int MOST_FORGOTTEN = 10_000_000;
    private static final int MOST_TICKETS = 10;
    private static final long DEFAULT_CLOSE_TIMEOUT = 30;
    private static final long LONGEST_CLOSE_TIMEOUT = 3_600;
    private static final long SWEEP_PERIOD = 1;
    /** How often, in seconds, it is noticed that a policy of the application's own has become stricter. */
    private static final long CACHE_PERIOD = 60;

    private ResumptionMode mode = ResumptionMode.TICKET;
    private ResumptionMode tls12Mode;
    private boolean tls12Tickets = true;
    private long maxSessionDuration = KeyRotation.DEFAULT.lifetime().toSeconds();
    private String scopeName;
    private String ownScope;
    private Path ticketKeyFile;
    private String ticketKeyStoreType = FILE;
    private String ticketKeyPassphrase;
    private Path ticketKeyPassphraseFile;
    private long rotationSealPeriod = KeyRotation.DEFAULT.sealPeriod().toSeconds();
    private long rotationLead = KeyRotation.DEFAULT.lead().toSeconds();
    private long rotationLifetime;
    private int maxCachedSessions = DEFAULT_MAX_CACHED_SESSIONS;
    /** As SunJSSE does by itself. */
    private int ticketsPerConnection;
    private boolean closeAtDeadline;
    private long closeTimeout = DEFAULT_CLOSE_TIMEOUT;
    private Fallback fallback = Fallback.FAIL;
    private Clock clock = Clock.systemUTC();
    // The time to close a connection passes also when the system's clock is set back.
    private Supplier<Instant> elapsed = () -> Instant.EPOCH.plusNanos(System.nanoTime());
    private TicketKeyStore ticketKeyStore;
    private ForgetLog forgetLog;
    private SharedStores sharedStores;
    private int ipv4Prefix = DEFAULT_IPV4_PREFIX;
    private int ipv6Prefix = DEFAULT_IPV6_PREFIX;
    private long clockSkew = DEFAULT_CLOCK_SKEW;
    private int maxForgotten = DEFAULT_MAX_FORGOTTEN;
    private int maxPrincipals = DEFAULT_MAX_PRINCIPALS;

    private final ConnectorPolicy policy = new ConnectorPolicy();
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private final OpenConnections openConnections =
        new OpenConnections(this::isOver, () -> elapsed.get(), () -> Duration.ofSeconds(closeTimeout));
    private volatile Scope scope;
    private volatile ResumptionSSLContext context;
    private ConnectorResumption resumption;
    private final List<ScheduledFuture<?>> duties = new ArrayList<>();
    private final Runnable sweep = this::sweep;
    private final Runnable endCached = this::endCached;
    private final Runnable cache = this::forgetCachedSessions;
    /** Whether connectors tell of their connections. */
    private volatile boolean attached;
    /** Whether the connectors are those that a watched server is yet to get. */
    private volatile boolean awaiting;
    private volatile boolean customized;
    private final AtomicBoolean warned = new AtomicBoolean();
    private boolean fallenBack;
    private boolean acquired;

    /**
     * Puts a factory of this class in the place of the one that etc/jetty-ssl-context.xml has made, with all its
     * settings, before the server starts; and {@linkplain #customize customizes} the server.
     *
     * @param server the server that has the stock factory as a bean
     * @return the new factory, a bean of the server
     * @throws IllegalStateException when there is no stock factory, or the server has been started
     */
    public static ResumptionSslContextFactory install(@Name("server") org.eclipse.jetty.server.Server server)
    {
        SslContextFactory.Server stock = server.getBeans(SslContextFactory.Server.class).stream()
            .filter(bean -> bean.getClass() == SslContextFactory.Server.class)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("there is no SslContextFactory.Server to replace: enable the module " +
                "ssl-context, or make a ResumptionSslContextFactory in your own XML"));
        checkStopped(server);
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        FactorySettings.copy(stock, factory);
        server.removeBean(stock);
        server.addBean(factory);
        customize(server);
        return factory;
    }

    /**
     * Lets the connectors that use a factory of this class show applications their session, by {@link SessionCustomizer}, and end
     * open connections where {@link #setCloseAtDeadline closeAtDeadline} says so: the connectors that the server has, and those that it
     * gets later, also while it runs. To call it again changes nothing. {@link #install} and {@link #secure} do it too.
     *
     * @param server the server, before its start
     * @throws IllegalStateException when the server has been started
     */
    public static void customize(org.eclipse.jetty.server.Server server)
    {
        checkStopped(server);
        if (server.getBean(ConnectorWatch.class) == null)
        {
            // Which makes it a bean, and tells it of all beans that there are.
            server.addEventListener(new ConnectorWatch(server, ResumptionSslContextFactory::customize, ResumptionSslContextFactory::await));
        }
    }

    /**
     * Gives TLS by this factory to each connector of a server that has HTTP/1.1 and no TLS, and {@linkplain #customize customizes} the
     * server: for servers that somebody else makes, such as Spring Boot.
     *
     * @param server the server, before its start
     * @throws IllegalStateException when the server has been started, or a connector has TLS already
     */
    public void secure(org.eclipse.jetty.server.Server server)
    {
        checkStopped(server);
        for (Connector connector : server.getConnectors())
        {
            if (connector.getConnectionFactory(SslConnectionFactory.class) != null)
            {
                throw new IllegalStateException(connector + " has TLS already: remove the settings that give it, such as server.ssl of "
                    + "Spring Boot, or use ResumptionSslContextFactory there");
            }
            if (connector instanceof AbstractConnector plain && plain.getConnectionFactory(HttpConnectionFactory.class) != null)
            {
                secure(plain);
            }
        }
        customize(server);
    }

    private void secure(AbstractConnector connector)
    {
        HttpConfigurations.of(connector)
            .filter(configuration -> configuration.getCustomizer(SecureRequestCustomizer.class) == null)
            .forEach(configuration -> configuration.addCustomizer(new SecureRequestCustomizer()));
        connector.addFirstConnectionFactory(new SslConnectionFactory(this, HttpVersion.HTTP_1_1.asString()));
    }

    private static void checkStopped(org.eclipse.jetty.server.Server server)
    {
        if (!server.isStopped())
            throw new IllegalStateException("the server has been started");
    }

    private static void customize(Connector connector)
    {
        Connectors.factory(connector)
            .ifPresent(factory -> factory.customize(connector, connector.getConnectionFactory(SslConnectionFactory.class)));
    }

    private static void await(SslContextFactory.Server bean)
    {
        if (bean instanceof ResumptionSslContextFactory factory)
        {
            factory.customized = true;
            factory.awaiting = true;
        }
    }

    private void customize(Connector connector, SslConnectionFactory ssl)
    {
        HttpConfigurations.of(connector)
            .filter(configuration -> configuration.getCustomizer(SessionCustomizer.class) == null)
            .forEach(configuration -> configuration.addCustomizer(new SessionCustomizer(ResumptionSslContextFactory::forgetting)));
        customized = true;
        awaiting = false;
        attached = closeAtDeadline;
        if (closeAtDeadline)
            openConnections.attach(connector, ssl);
        else
            openConnections.detach(connector, ssl);
    }

    /**
     * @return what forgets the sessions of a connector, if it has a factory of this class that has started
     */
    private static Optional<Forgetting> forgetting(Connector connector)
    {
        return Connectors.factory(connector)
            .flatMap(factory -> Optional.ofNullable(factory.scope))
            .map(current -> current.parts().forgetting());
    }

    /**
     * @return how sessions of TLS 1.3 are resumed
     */
    @ManagedAttribute(value = "How sessions of TLS 1.3 are resumed: ticket, cache or off", readonly = true)
    public String getMode()
    {
        return mode.toString();
    }

    /**
     * @param mode {@code ticket} (the default), {@code cache} or {@code off}
     * @throws IllegalArgumentException when it is none of them
     */
    public void setMode(String mode)
    {
        this.mode = parseMode("jetty.tlsResumption.mode", mode);
    }

    /**
     * @return how sessions of TLS 1.2 are resumed, for clients that support tickets
     */
    @ManagedAttribute(value = "How sessions of TLS 1.2 are resumed: ticket, cache or off", readonly = true)
    public String getTls12Mode()
    {
        return tls12Mode().toString();
    }

    /**
     * @param mode {@code ticket}, {@code cache} or {@code off}; the default is {@code cache}, or {@code off} with
     * {@linkplain #setMode mode} off, since whoever has the key of a TLS 1.2 ticket can read its session's recorded traffic
     * @throws IllegalArgumentException when it is none of them
     */
    public void setTls12Mode(String mode)
    {
        this.tls12Mode = parseMode("jetty.tlsResumption.tls12Mode", mode);
    }

    /**
     * @return whether mode {@code ticket} is allowed for TLS 1.2
     */
    @ManagedAttribute(value = "Whether mode ticket is allowed for TLS 1.2: allow or forbid", readonly = true)
    public String getTls12TicketMode()
    {
        return tls12Tickets ? ALLOW : FORBID;
    }

    /**
     * @param permission {@code allow}, the default, or {@code forbid}: then neither {@linkplain #setTls12Mode the mode for TLS 1.2} nor
     * a rule may be {@code ticket} for TLS 1.2, and where a {@linkplain #setSessionPolicy policy} says so it is taken for {@code cache}
     * @throws IllegalArgumentException when it is neither
     */
    public void setTls12TicketMode(String permission)
    {
        this.tls12Tickets = switch (permission.strip().toLowerCase(Locale.ROOT))
        {
            case ALLOW -> true;
            case FORBID -> false;
            default -> throw new IllegalArgumentException("jetty.tlsResumption.tls12TicketMode is '" + permission +
                "': use allow or forbid");
        };
    }

    private static ResumptionMode parseMode(String property, String value)
    {
        try
        {
            return ResumptionMode.of(value);
        }
        catch (IllegalArgumentException x)
        {
            throw new IllegalArgumentException(property + ": " + x.getMessage(), x);
        }
    }

    private ResumptionMode tls12Mode()
    {
        if (tls12Mode != null)
            return tls12Mode;
        return mode == ResumptionMode.OFF ? ResumptionMode.OFF : ResumptionMode.CACHE;
    }

    /**
     * @return for how long a session may be resumed, in seconds from its full handshake
     */
    @ManagedAttribute(value = "The maximum session duration in seconds, from the full handshake", readonly = true)
    public long getMaxSessionDuration()
    {
        return maxSessionDuration;
    }

    /**
     * @param seconds 1 to 604800; the default is 86400. A positive {@linkplain #setSslSessionTimeout session timeout}
     * that is shorter holds in its place.
     */
    public void setMaxSessionDuration(long seconds)
    {
        this.maxSessionDuration = seconds;
    }

    /**
     * @return the scope, or null for one of this factory's own
     */
    @ManagedAttribute(value = "The scope within which sessions are resumed", readonly = true)
    public String getScope()
    {
        Scope current = scope;
        return current == null ? scopeName : current.name();
    }

    /**
     * @param scope connectors with the same scope, and nodes' connectors with the same scope and ticket keys, resume each
     * other's sessions; blank, the default, for one of this factory's own
     */
    public void setScope(String scope)
    {
        this.scopeName = scope == null || scope.isBlank() ? null : scope.strip();
    }

    /**
     * @return the file of the ticket keys, or null when they are in memory only
     */
    @ManagedAttribute(value = "The file of the ticket keys", readonly = true)
    public String getTicketKeyFile()
    {
        return ticketKeyFile == null ? null : ticketKeyFile.toString();
    }

    /**
     * @param file where the ticket keys are kept, made at the first start; without one, the default, they are in memory only,
     * and a restart ends all sessions
     */
    public void setTicketKeyFile(String file)
    {
        this.ticketKeyFile = file == null || file.isBlank() ? null : Path.of(file.strip());
    }

    /**
     * @return where the ticket keys are kept: {@code file}, {@code memory} or {@code shared}
     */
    @ManagedAttribute(value = "Where the ticket keys are kept: file, memory or shared", readonly = true)
    public String getTicketKeyStoreType()
    {
        return sharedStores != null ? SHARED : ticketKeyFile == null ? MEMORY : ticketKeyStoreType;
    }

    /**
     * @param type {@code file}, the default, for {@linkplain #setTicketKeyFile the file} if there is one; or {@code memory} in any
     * case
     * @throws IllegalArgumentException when it is neither
     */
    public void setTicketKeyStoreType(String type)
    {
        if (!FILE.equals(type) && !MEMORY.equals(type))
            throw new IllegalArgumentException("unknown jetty.tlsResumption.ticketKeyStore '" + type + "': use file or memory");
        this.ticketKeyStoreType = type;
    }

    /**
     * @param passphrase encrypts the file of the ticket keys; may be obfuscated as {@link Password} does it
     */
    public void setTicketKeyPassphrase(String passphrase)
    {
        this.ticketKeyPassphrase = passphrase == null || passphrase.isEmpty() ? null : passphrase;
    }

    /**
     * @param file holds the passphrase, such as a mounted secret; a line end behind it does not count. The log warns when others than
     * the user of the process may read or replace it.
     */
    public void setTicketKeyPassphraseFile(String file)
    {
        this.ticketKeyPassphraseFile = file == null || file.isBlank() ? null : Path.of(file.strip());
    }

    /**
     * @return for how many seconds a ticket key seals
     */
    @ManagedAttribute(value = "For how many seconds a ticket key seals", readonly = true)
    public long getRotationSealPeriod()
    {
        return rotationSealPeriod;
    }

    /**
     * @param seconds for how long a ticket key seals; the default is 43200
     */
    public void setRotationSealPeriod(long seconds)
    {
        this.rotationSealPeriod = seconds;
    }

    /**
     * @return for how many seconds a ticket key is known before it seals
     */
    @ManagedAttribute(value = "For how many seconds a ticket key is known before it seals", readonly = true)
    public long getRotationLead()
    {
        return rotationLead;
    }

    /**
     * @param seconds for how long a ticket key is known before it seals; the default is 600
     */
    public void setRotationLead(long seconds)
    {
        this.rotationLead = seconds;
    }

    /**
     * @return for how many seconds a ticket key opens after its last seal
     */
    @ManagedAttribute(value = "For how many seconds a ticket key opens after its last seal", readonly = true)
    public long getRotationLifetime()
    {
        return rotationLifetime == 0 ? maxSessionDuration : rotationLifetime;
    }

    /**
     * @param seconds for how long a ticket key opens after its last seal; the default, 0, is the maximum session duration.
     * To be set to the longest one where connectors share keys.
     */
    public void setRotationLifetime(long seconds)
    {
        this.rotationLifetime = seconds;
    }

    /**
     * @return how many sessions of mode cache there may be
     */
    @ManagedAttribute(value = "How many sessions of mode cache there may be", readonly = true)
    public int getMaxCachedSessions()
    {
        return maxCachedSessions;
    }

    /**
     * @param sessions how many sessions of mode cache there may be; the default is 100000
     */
    public void setMaxCachedSessions(int sessions)
    {
        this.maxCachedSessions = sessions;
    }

    /**
     * @return how many tickets a client gets after each handshake of TLS 1.3; 0 before the start when it was not set
     */
    @ManagedAttribute(value = "How many tickets a client gets after each handshake of TLS 1.3", readonly = true)
    public int getTicketsPerConnection()
    {
        return ticketsPerConnection > 0 || !acquired ? ticketsPerConnection : SunJsse.ticketsPerConnection().orElse(0);
    }

    /**
     * @param tickets how many tickets a client gets after each handshake of TLS 1.3, 1 to 10; by default as many as SunJSSE sends, which is
     * one unless the system property {@code jdk.tls.server.newSessionTicketCount} says otherwise. It holds for the whole JVM. A JDK
     * without that property, such as JDK 17, only takes 1.
     */
    public void setTicketsPerConnection(int tickets)
    {
        if (tickets < 1 || tickets > MOST_TICKETS)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.ticketsPerConnection is " + tickets + ": set 1 to " + MOST_TICKETS);
        }
        this.ticketsPerConnection = tickets;
    }

    /**
     * @return whether connections that are open when their session's deadline passes are ended
     */
    @ManagedAttribute(value = "Whether open connections end at their session's deadline", readonly = true)
    public boolean isCloseAtDeadline()
    {
        return closeAtDeadline;
    }

    /**
     * @param close whether connections that are open when their session's deadline passes, or it is forgotten, are ended, within
     * {@linkplain #setCloseTimeout the time to close}, also of sessions that are not resumed; the default is false. Needs
     * {@link #customize}.
     */
    public void setCloseAtDeadline(boolean close)
    {
        this.closeAtDeadline = close;
    }

    /**
     * @return for how many seconds after the deadline a connection that is ended may go on with what runs on it
     */
    @ManagedAttribute(value = "For how many seconds after the deadline a connection may finish what runs on it", readonly = true)
    public long getCloseTimeout()
    {
        return closeTimeout;
    }

    /**
     * @param seconds for how long after the deadline a connection that is ended may go on with what runs on it, 1 to 3600; the
     * default is 30
     */
    public void setCloseTimeout(long seconds)
    {
        this.closeTimeout = seconds;
    }

    /**
     * @return what to do when this JDK's SunJSSE does not suit
     */
    @ManagedAttribute(value = "What to do when this JDK does not suit: fail or session-id", readonly = true)
    public String getFallback()
    {
        return fallback.toString();
    }

    /**
     * @param fallback what to do when this JDK's SunJSSE does not pass the self-test: {@code fail}, the default, or
     * {@code session-id} for SunJSSE's own cache
     */
    public void setFallback(String fallback)
    {
        this.fallback = Fallback.of(fallback);
    }

    /**
     * @return the rules in force, in one line
     */
    @ManagedAttribute(value = "The rules for single clients", readonly = true)
    public String getRules()
    {
        return policy.describe();
    }

    /**
     * @param rules rules for single clients in place of those that there are, the first that matches wins; separated by {@code ;} or
     * line ends, as docs/policy.md describes them. More can be {@linkplain #addRule added}.
     */
    public void setRules(String rules)
    {
        policy.setRules(rules == null ? "" : rules);
    }

    /**
     * @param rule a rule for single clients, behind those that there are
     */
    public void addRule(String rule)
    {
        policy.addRules(rule);
    }

    /**
     * @return the file of the rules, or null
     */
    @ManagedAttribute(value = "The file of the rules", readonly = true)
    public String getRulesFile()
    {
        return policy.file() == null ? null : policy.file().toString();
    }

    /**
     * @param file has one rule for single clients in each line; looked at every second, and read again when it has changed
     */
    public void setRulesFile(String file)
    {
        policy.setFile(file == null || file.isBlank() ? null : Path.of(file.strip()));
    }

    /**
     * @param policy decides on each client's terms in place of rules; its durations must not be longer than
     * {@linkplain #setMaxSessionDuration the connector's}, which limits them
     */
    public void setSessionPolicy(SessionPolicy policy)
    {
        this.policy.setCustom(policy);
    }

    /**
     * @return how many bits of an IPv4 address tell clients without certificate apart
     */
    @ManagedAttribute(value = "How many bits of an IPv4 address tell clients apart", readonly = true)
    public int getClientIpv4Prefix()
    {
        return ipv4Prefix;
    }

    /**
     * @param bits how many bits of an IPv4 address tell clients without certificate apart, 0 to 32; the default is 32
     */
    public void setClientIpv4Prefix(int bits)
    {
        this.ipv4Prefix = bits;
    }

    /**
     * @return how many bits of an IPv6 address tell clients without certificate apart
     */
    @ManagedAttribute(value = "How many bits of an IPv6 address tell clients apart", readonly = true)
    public int getClientIpv6Prefix()
    {
        return ipv6Prefix;
    }

    /**
     * @param bits how many bits of an IPv6 address tell clients without certificate apart, 0 to 128; the default is 64
     */
    public void setClientIpv6Prefix(int bits)
    {
        this.ipv6Prefix = bits;
    }

    /**
     * @return by how many seconds the clocks of the nodes may be apart
     */
    @ManagedAttribute(value = "By how many seconds the clocks of the nodes may be apart", readonly = true)
    public long getClockSkew()
    {
        return clockSkew;
    }

    /**
     * @param seconds by how many the clocks of the nodes may be apart, 1 to 3600. Forgetting a client reaches its sessions of this long
     * a time to come as well where other nodes may establish some; more than that is reported. The default is 120.
     */
    public void setClockSkew(long seconds)
    {
        this.clockSkew = seconds;
    }

    /**
     * @return how many forgotten sessions, clients, principals and rules are told apart
     */
    @ManagedAttribute(value = "How many forgotten sessions, clients, users and rules are told apart", readonly = true)
    public int getMaxForgotten()
    {
        return maxForgotten;
    }

    /**
     * @param entries how many forgotten sessions, clients, principals and rules are told apart; beyond it, all sessions that are older
     * than the oldest entries are forgotten. The default is 100000.
     */
    public void setMaxForgotten(int entries)
    {
        this.maxForgotten = entries;
    }

    /**
     * @return for how many sessions it is known who their user is
     */
    @ManagedAttribute(value = "For how many sessions it is known who their user is", readonly = true)
    public int getMaxPrincipals()
    {
        return maxPrincipals;
    }

    /**
     * @param sessions for how many sessions it is known who their user is; beyond it, to forget a user forgets all sessions that are
     * older than those known. The default is 100000.
     */
    public void setMaxPrincipals(int sessions)
    {
        this.maxPrincipals = sessions;
    }

    /**
     * @param log keeps the forget list in place of a file beside that of the ticket keys: for a {@linkplain #setTicketKeyStore store} that
     * outlives this process or is shared. Without one, such a store's sessions end with each restart, since it is not known who was
     * forgotten. Of connectors of one scope the first to start lends its own, which is closed when the last of them stops.
     */
    public void setForgetLog(ForgetLog log)
    {
        this.forgetLog = log;
    }

    /**
     * @param store keeps the ticket keys in place of the file. Of connectors of one scope the first to start lends its own,
     * which is closed when the last of them stops.
     */
    public void setTicketKeyStore(TicketKeyStore store)
    {
        this.ticketKeyStore = store;
    }

    /**
     * @param stores keep ticket keys, forget list and session keys for all nodes of a cluster, in place of the file of the ticket keys,
     * the one beside it, and the heap. Of connectors of one scope the first to start lends its own, which is closed when the last of
     * them stops. Null takes them away.
     * @throws IllegalStateException when there are some already
     */
    public void setSharedStores(SharedStores stores)
    {
        if (sharedStores != null && stores != null)
            throw new IllegalStateException("shared stores are set already, " + sharedStores.describe() + ", and would be " +
                stores.describe() + ": enable one of the modules tls-resumption-redis and tls-resumption-jdbc");
        this.sharedStores = stores;
    }

    /**
     * @return gives, at each call in a new array, what {@link #setTicketKeyPassphrase} or {@link #setTicketKeyPassphraseFile} says by
     * then: empty when neither has been called; an {@link IllegalStateException} when both have been, or the file holds none
     */
    public Supplier<char[]> newTicketKeyPassphraseSupplier()
    {
        return () -> passphrase().map(Supplier::get).orElseGet(() -> new char[0]);
    }

    /**
     * @param clock tells the time; the default is the system's
     */
    public void setClock(Clock clock)
    {
        this.clock = clock;
        elapsed = clock::instant;
    }

    /**
     * @return the time in seconds for which SunJSSE keeps a session in its cache, and which it tells clients as the
     * lifetime of a ticket: never more than {@linkplain #setMaxSessionDuration the maximum session duration}
     */
    @Override
    public int getSslSessionTimeout()
    {
        // Before the start the setting as it is, for whoever copies or shows it.
        return isRunning() ? (int)maxDuration().toSeconds() : super.getSslSessionTimeout();
    }

    private Duration maxDuration()
    {
        int timeout = super.getSslSessionTimeout();
        return Duration.ofSeconds(timeout > 0 ? Math.min(timeout, maxSessionDuration) : maxSessionDuration);
    }

    @Override
    protected void doStart() throws Exception
    {
        require(JettyVersion.obstacle(Jetty.VERSION));
        ConnectorTerms terms = checkSettings();
        KeyRotation rotation = rotation();
        AesGcmKey.chooseProvider();
        policy.start(terms);
        takeRules();
        if (ticketsPerConnection > 0)
        {
            require(SunJsse.requestTickets(ticketsPerConnection));
        }
        Optional<String> obstacle = SunJsse.obstacle();
        if (ticketsPerConnection > 0 && obstacle.isEmpty())
        {
            require(SunJsse.ticketsObstacle(ticketsPerConnection));
        }
        fallenBack = obstacle.isPresent();
        if (fallenBack)
        {
            if (fallback == Fallback.FAIL)
                throw new IllegalStateException(obstacle.get() + "; or set jetty.tlsResumption.fallback=session-id to start with " +
                    "SunJSSE's own cache and without tickets");
            if (mode == ResumptionMode.OFF || tls12Mode() == ResumptionMode.OFF)
                throw new IllegalStateException(obstacle.get() + "; jetty.tlsResumption.fallback=session-id cannot turn resumption off, " +
                    "as jetty.tlsResumption.mode or .tls12Mode says");
            if (policy.decides())
                throw new IllegalStateException(obstacle.get() + "; jetty.tlsResumption.fallback=session-id cannot heed " +
                    "jetty.tlsResumption.rules, .rulesFile or a SessionPolicy");
            if (closeAtDeadline)
                throw new IllegalStateException(obstacle.get() + "; jetty.tlsResumption.fallback=session-id cannot end connections, " +
                    "as jetty.tlsResumption.closeAtDeadline says");
            LOG.warn("{}; sessions are resumed by SunJSSE's own cache only, as jetty.tlsResumption.fallback says", obstacle.get());
            super.doStart();
            return;
        }

        SunJsse.acquire();
        acquired = true;
        try
        {
            scope = acquireScope(terms, rotation);
            resumption = new ConnectorResumption(scope.name(), policy, scope.parts().ring()::ring, scope.parts().sessionKeys(),
                scope.parts().forgetting(), scope.parts().clock(), scope.parts().deadlines(), statistics);
            super.doStart();
        }
        catch (Exception x)
        {
            shutDown();
            throw x;
        }
        ScheduledExecutorService executor = scope.parts().executor();
        long period = SunJsse.renewalPeriod().toMillis();
        scope.parts().forgetting().addCache(cache);
        duties.add(executor.scheduleAtFixedRate(this::renew, period, period, TimeUnit.MILLISECONDS));
        duties.add(executor.scheduleWithFixedDelay(this::watch, SWEEP_PERIOD, SWEEP_PERIOD, TimeUnit.SECONDS));
        scope.parts().forgetting().addListener(endCached);
        duties.add(executor.scheduleWithFixedDelay(endCached, CACHE_PERIOD, CACHE_PERIOD, TimeUnit.SECONDS));
        if (closeAtDeadline)
        {
            scope.parts().forgetting().bindAll();
            scope.parts().forgetting().addListener(sweep);
            duties.add(executor.scheduleWithFixedDelay(sweep, SWEEP_PERIOD, SWEEP_PERIOD, TimeUnit.SECONDS));
        }
        logStart();
    }

    private static void require(Optional<String> obstacle)
    {
        if (obstacle.isPresent())
        {
            throw new IllegalStateException(obstacle.get());
        }
    }

    private static void requireBound(String setting, int value)
    {
        if (value < 1 || value > MOST_FORGOTTEN)
            throw new IllegalStateException(setting + " is " + value + ": set 1 to " + MOST_FORGOTTEN);
    }

    private ConnectorTerms checkSettings()
    {
        if (super.getSslSessionTimeout() > SessionTerms.LONGEST.toSeconds())
            throw new IllegalStateException("jetty.sslContext.sslSessionTimeout is " + super.getSslSessionTimeout() +
                ": set at most " + SessionTerms.LONGEST.toSeconds() + ", beyond which SunJSSE breaks TLS 1.2 handshakes");
        if (super.getSslContext() != null)
            throw new IllegalStateException("an SSLContext was set: resumption needs one of its own, so set a key store instead");
        if (getProvider() != null && !SunJsse.PROVIDER.equals(getProvider()))
            throw new IllegalStateException("jetty.sslContext.provider is " + getProvider() + ": resumption works with " +
                SunJsse.PROVIDER + " only; remove that setting (and the module conscrypt or bouncycastle that made it), " +
                "or the module tls-resumption");
        if (sharedStores != null && (ticketKeyStore != null || forgetLog != null))
            throw new IllegalStateException("both shared stores and a store of ticket keys or a forget log of their own are set: keep " +
                "setSharedStores, or setTicketKeyStore and setForgetLog");
        if (sharedStores != null && MEMORY.equals(ticketKeyStoreType))
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyStore is memory, but the ticket keys are in " +
                sharedStores.describe() + ": remove that setting, or the module tls-resumption-redis or tls-resumption-jdbc");
        requireBound("jetty.tlsResumption.maxForgotten", maxForgotten);
        requireBound("jetty.tlsResumption.maxPrincipals", maxPrincipals);
        if (clockSkew < 1 || clockSkew > LONGEST_CLOCK_SKEW)
            throw new IllegalStateException("jetty.tlsResumption.clockSkew is " + clockSkew + " seconds: set 1 to " +
                LONGEST_CLOCK_SKEW);
        if (closeTimeout < 1 || closeTimeout > LONGEST_CLOSE_TIMEOUT)
            throw new IllegalStateException("jetty.tlsResumption.closeTimeout is " + closeTimeout + " seconds: set 1 to " +
                LONGEST_CLOSE_TIMEOUT);
        if (closeAtDeadline && !attached && !awaiting)
            throw new IllegalStateException("jetty.tlsResumption.closeAtDeadline is true, but no connector has told of its connections: " +
                "call ResumptionSslContextFactory.customize(server) before the server starts");
        // The message is about the setting as it was made, so the limit by the session timeout comes after.
        new SessionTerms(mode, Duration.ofSeconds(maxSessionDuration));
        return new ConnectorTerms(mode, tls12Mode(), maxDuration(), tls12Tickets);
    }

    private KeyRotation rotation()
    {
        if (getRotationLifetime() < maxSessionDuration)
            throw new IllegalStateException("jetty.tlsResumption.rotation.lifetime is " + rotationLifetime + " seconds, less than " +
                "jetty.tlsResumption.maxSessionDuration, " + maxSessionDuration + ": keys would end before the sessions; raise the " +
                "first or lower the second");
        if (getRotationLifetime() > SessionTerms.LONGEST.toSeconds())
            throw new IllegalStateException("jetty.tlsResumption.rotation.lifetime is " + rotationLifetime + " seconds: set at most " +
                SessionTerms.LONGEST.toSeconds() + " (7 days, the longest session)");
        return new KeyRotation(Duration.ofSeconds(rotationSealPeriod), Duration.ofSeconds(rotationLead),
            Duration.ofSeconds(getRotationLifetime()));
    }

    private Scope acquireScope(ConnectorTerms terms, KeyRotation rotation) throws TicketKeyStoreException
    {
        String keys = sharedStores != null ? sharedStores.describe() : ticketKeyStore != null ? ticketKeyStore.describe() :
            FILE.equals(getTicketKeyStoreType()) ? ticketKeyFile.toAbsolutePath().normalize().toString() : "";
        Scope.Settings settings =
            new Scope.Settings(terms, rotation, keys, maxCachedSessions, ipv4Prefix, ipv6Prefix, maxForgotten, maxPrincipals,
                Duration.ofSeconds(clockSkew));
        if (scopeName == null && ownScope == null)
            ownScope = Scope.newName();
        return Scope.acquire(scopeName == null ? ownScope : scopeName, settings, () ->
        {
            if (sharedStores != null)
            {
                checkSharing(sharedStores.describe(), "disable the module that shares them");
                return Scope.Parts.start(sharedStores, settings, clock, ringMark(sharedStores.describe(), false));
            }
            TicketKeyStore store = newTicketKeyStore();
            if (store.persistent() || store.shared())
                checkSharing(store.describe(), "set jetty.tlsResumption.ticketKeyStore=memory to keep the keys in memory");
            return Scope.Parts.start(store, newForgetLog(rotation), settings, clock,
                store.persistent() ? ringMark(store.describe(), ticketKeyStore == null) : RingMark.NONE);
        });
    }

    /**
     * Beside the key file, or where that would be.
     */
    private RingMark ringMark(String store, boolean isFile)
    {
        if (ticketKeyFile == null)
            return RingMark.NONE;
        return isFile ? FileRingMark.beside(ticketKeyFile) : new FileRingMark(FileRingMark.besides(ticketKeyFile), store);
    }

    private static void checkSharing(String place, String otherwise)
    {
        SunJsse.sharingObstacle().ifPresent(obstacle ->
        {
            throw new IllegalStateException("the ticket keys are in " + place + ", but " + obstacle +
                ", so no ticket would be good after a restart or on another node: add it, or " + otherwise);
        });
    }

    private ForgetLog newForgetLog(KeyRotation rotation)
    {
        if (forgetLog != null)
            return forgetLog;
        if (ticketKeyStore != null || MEMORY.equals(getTicketKeyStoreType()))
            return ForgetLog.none();
        try
        {
            return new FileForgetLog(Path.of(ticketKeyFile + ".forgotten"), rotation.lifetime(), clock);
        }
        catch (IOException x)
        {
            throw new IllegalStateException(x.getMessage(), x);
        }
    }

    private TicketKeyStore newTicketKeyStore()
    {
        if (ticketKeyStore != null)
            return ticketKeyStore;
        Optional<Supplier<char[]>> passphrase = passphrase();
        if (MEMORY.equals(getTicketKeyStoreType()))
            return new MemoryTicketKeyStore();
        return passphrase.map(given -> new FileTicketKeyStore(ticketKeyFile, given)).orElseGet(() -> new FileTicketKeyStore(ticketKeyFile));
    }

    private Optional<Supplier<char[]>> passphrase()
    {
        if (ticketKeyPassphrase != null && ticketKeyPassphraseFile != null)
            throw new IllegalStateException("both jetty.tlsResumption.ticketKeyPassphrase and .ticketKeyPassphraseFile are set: keep one");
        if (ticketKeyPassphraseFile != null)
            return Optional.of(Passphrases.fromFile(ticketKeyPassphraseFile));
        return Optional.ofNullable(ticketKeyPassphrase).map(text -> () -> new Password(text).toString().toCharArray());
    }

    @Override
    protected SSLContext getSSLContextInstance() throws NoSuchAlgorithmException
    {
        try
        {
            if (fallenBack)
                return SunJsse.newContextWithoutTickets(super::getSSLContextInstance);
            // Also told of each reload, which makes a new context with the same keys.
            context = SunJsse.newContext(super.getSSLContextInstance(), resumption, FactorySettings.validationDigest(this));
            return context;
        }
        catch (NoSuchAlgorithmException x)
        {
            throw x;
        }
        catch (GeneralSecurityException x)
        {
            throw new NoSuchAlgorithmException("jetty.tlsResumption: " + x.getMessage(), x);
        }
    }

    /**
     * @return one that goes on with the certificates it was made with while a reload changes those of the factory
     */
    @Override
    protected X509ExtendedKeyManager newSniX509ExtendedKeyManager(X509ExtendedKeyManager keyManager)
    {
        return LoadedCertificates.newKeyManager(keyManager, this);
    }

    @Override
    public String sniSelect(String keyType, Principal[] issuers, SSLSession session, String sniHost, Collection<X509> certificates)
    {
        if (sniHost == null || !(certificates instanceof LoadedCertificates.Candidates candidates) || candidates.anyMatches(sniHost))
            return super.sniSelect(keyType, issuers, session, sniHost, certificates);
        // As there, but not among the certificates of the factory, which may be those of another key store by now.
        return isSniRequired() || candidates.anyOfKeyStoreMatches(sniHost) ? null : SniX509ExtendedKeyManager.SniSelector.DELEGATE;
    }

    /**
     * As connectors call it.
     */
    @Override
    public SSLEngine newSSLEngine(InetSocketAddress address)
    {
        if (!customized && !fallenBack && warned.compareAndSet(false, true))
        {
            LOG.warn("TLS resumption of scope {}: applications find no session in their requests, and cannot forget any: call "
                + "ResumptionSslContextFactory.customize(server) before the server starts", getScope());
        }
        return super.newSSLEngine(address);
    }

    @Override
    public SSLEngine newSSLEngine()
    {
        return ofOneLoad(super::newSSLEngine);
    }

    @Override
    public SSLEngine newSSLEngine(String host, int port)
    {
        return ofOneLoad(() -> super.newSSLEngine(host, port));
    }

    /**
     * Jetty customizes an engine without its lock. In a reload that engine would miss protocols, cipher suites and the matcher of host
     * names, without which SunJSSE neither resumes the sessions of a host nor lets those that it establishes be resumed.
     */
    private SSLEngine ofOneLoad(Supplier<SSLEngine> source)
    {
        while (true)
        {
            SSLContext before = getSslContext();
            SSLEngine engine = source.get();
            // Waits for a reload that has begun meanwhile.
            if (getSslContext() == before)
                return engine;
        }
    }

    private void renew()
    {
        try
        {
            ResumptionSSLContext current = context;
            if (current != null)
                current.renewTicketKey();
        }
        catch (Throwable x)
        {
            // What escapes would end the renewals for good.
            LOG.warn("SunJSSE's ticket key could not be renewed: resumption by ticket may fail until it is", x);
        }
    }

    /**
     * @return the time by which sessions and ticket keys end: the cluster's, where nodes share them
     */
    private Instant now()
    {
        Scope current = scope;
        return current == null ? clock.instant() : current.parts().clock().instant();
    }

    private boolean isOver(TlsSession session)
    {
        Scope current = scope;
        boolean expired = !now().isBefore(session.deadline());
        return expired || current != null && current.parts().forgetting().isForgotten(session);
    }

    private void forgetCachedSessions()
    {
        ResumptionSSLContext current = context;
        if (current != null)
            current.forgetCachedSessions();
    }

    private void takeRules()
    {
        synchronized (statistics)
        {
            statistics.setRules(policy.names());
        }
    }

    private void watch()
    {
        try
        {
            if (policy.poll())
            {
                takeRules();
                endCached();
            }
            ResumptionSSLContext current = context;
            if (current != null)
            {
                current.endExpiredSessions(now());
            }
        }
        catch (Throwable x)
        {
            // What escapes would end the watch for good.
            LOG.warn("The rules could not be looked at: those in force stay", x);
        }
    }

    /**
     * The sessions of clients without tickets, in SunJSSE's cache, are screened when they are offered; what has ended leaves the cache
     * without waiting for that.
     */
    private void endCached()
    {
        try
        {
            ResumptionSSLContext current = context;
            if (current != null)
            {
                current.endCachedSessions();
            }
        }
        catch (Throwable e)
        {
            // What escapes would end the listeners' calls, or this one's for good.
            LOG.warn("Sessions that have ended could not be taken out of SunJSSE's cache: they are refused until they are", e);
        }
    }

    private void sweep()
    {
        try
        {
            openConnections.sweep();
        }
        catch (Throwable x)
        {
            // What escapes would end the sweeps for good.
            LOG.warn("Open connections could not be looked through: those whose session is over stay open until they can", x);
        }
    }

    @Override
    protected void doStop() throws Exception
    {
        try
        {
            super.doStop();
        }
        finally
        {
            shutDown();
        }
    }

    private void shutDown()
    {
        duties.forEach(duty -> duty.cancel(false));
        duties.clear();
        context = null;
        if (scope != null)
        {
            scope.parts().forgetting().removeListener(sweep);
            scope.parts().forgetting().removeListener(endCached);
            scope.parts().forgetting().removeCache(cache);
            scope.release();
            scope = null;
        }
        // Once only: what failed to start is stopped all the same.
        if (acquired)
        {
            acquired = false;
            SunJsse.release();
        }
    }

    /**
     * @return whether no session can ever be resumed here, so that no ticket key seals anything
     */
    private boolean resumesNothing()
    {
        boolean off13 = mode == ResumptionMode.OFF || !enables(TLS13);
        boolean off12 = tls12Mode() == ResumptionMode.OFF || !enables(TLS12);
        return off13 && off12 && !policy.decides();
    }

    /**
     * Settings of Jetty and of the JVM, such as {@code jdk.tls.client.protocols}, may leave a version out, or all of its cipher suites.
     */
    private boolean enables(String protocol)
    {
        ResumptionSSLContext current = context;
        if (current == null)
            return false;
        SSLEngine engine = current.createSSLEngine();
        customize(engine);
        boolean is13 = TLS13.equals(protocol);
        return Arrays.asList(engine.getEnabledProtocols()).contains(protocol) &&
            Stream.of(engine.getEnabledCipherSuites()).anyMatch(suite -> is13 != suite.contains("_WITH_") && !suite.endsWith("_SCSV"));
    }

    private String shown(String protocol, ResumptionMode asked)
    {
        return enables(protocol) ? "by " + asked : "not at all, as it is not enabled";
    }

    private void logStart()
    {
        Scope.Parts parts = scope.parts();
        if (resumesNothing())
        {
            LOG.info("TLS resumption of scope {}: TLS 1.3 {}, TLS 1.2 {}; no session is resumed, and no ticket key seals anything",
                scope.name(), shown(TLS13, mode), shown(TLS12, tls12Mode()));
            return;
        }
        String exposure = parts.ring().ring().exposure(now())
            .map(window -> "a ticket key stolen now opens tickets from " + window.from() + " to " + window.until())
            .orElse("there is no ticket key");
        LOG.info("TLS resumption of scope {}: TLS 1.3 {}, TLS 1.2 {}, sessions last {} s at most, ticket keys in {}; {}",
            scope.name(), shown(TLS13, mode), shown(TLS12, tls12Mode()), maxDuration().toSeconds(), parts.store().describe(), exposure);
        if (parts.store().persistent() && ticketKeyFile == null)
            LOG.info("An old ring that is put back into {} while no node runs is {}", parts.store().describe(), parts.forgetLog() ==
                ForgetLog.none() ? "not noticed: nothing else remembers its version. Set jetty.tlsResumption.ticketKeyFile, beside which " +
                "the node does, or a ForgetLog" : "noticed only if the list of who was forgotten is not put back with it: set " +
                "jetty.tlsResumption.ticketKeyFile, beside which the node remembers the version");
        if (policy.decides() && SunJsse.singleUseObstacle().isPresent())
        {
            LOG.warn("With singleUse=true sessions of TLS 1.3 are not resumed, since {}: use a JDK that the module knows, or rules " +
                "without singleUse", SunJsse.singleUseObstacle().get());
        }
        if (SunJsse.sharingObstacle().isPresent())
            LOG.info("Tickets end with a reload of the key store, since {}", SunJsse.sharingObstacle().get());
        if (ticketKeyPassphraseFile != null)
            warnOfPassphraseFile();
    }

    private void warnOfPassphraseFile()
    {
        try
        {
            // Not refused: many platforms let everybody in a container read the secrets that they mount.
            SecretFile.fault(ticketKeyPassphraseFile, "jetty.tlsResumption.ticketKeyPassphraseFile").ifPresent(LOG::warn);
        }
        catch (IOException x)
        {
            LOG.warn("jetty.tlsResumption.ticketKeyPassphraseFile, {}, cannot be looked at", ticketKeyPassphraseFile, x);
        }
    }

    /**
     * @return how many handshakes were full, by result of {@link HandshakeResult}
     */
    @ManagedAttribute("Completed handshakes by result")
    public Map<String, Long> getHandshakes()
    {
        Map<String, Long> counts = new TreeMap<>();
        for (HandshakeResult result : HandshakeResult.values())
        {
            counts.put(result.toString(), statistics.handshakes(result));
        }
        return counts;
    }

    /**
     * @return in how many handshakes each {@link io.github.tlsresumption.resumption.RefusalReason} was met
     */
    @ManagedAttribute("Handshakes in which resumption or a ticket was refused, by reason")
    public Map<String, Long> getRefusals()
    {
        return statistics.refusals();
    }

    /**
     * @return completed handshakes by protocol, and within it by result
     */
    @ManagedAttribute("Completed handshakes by protocol and result")
    public Map<String, Map<String, Long>> getHandshakesByProtocol()
    {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        for (HandshakeCount handshake : statistics.handshakes())
        {
            counts.computeIfAbsent(handshake.protocol(), protocol -> new TreeMap<>()).put(handshake.result(), handshake.count());
        }
        return counts;
    }

    /**
     * @return completed handshakes by the rule that the client's terms are by, and within it by result; {@code (default)} is for those that
     * no rule matches
     */
    @ManagedAttribute("Completed handshakes by rule and result")
    public Map<String, Map<String, Long>> getHandshakesByRule()
    {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        rules().forEach(rule -> counts.put(rule.rule(), new TreeMap<>(rule.handshakes())));
        return counts;
    }

    /**
     * @return live sessions of mode cache by the rule that gave them their terms, in the whole scope; none where nodes share them
     */
    @ManagedAttribute("Live sessions of mode cache by rule, where nodes do not share them")
    public Map<String, Long> getCachedSessionsByRule()
    {
        Map<String, Long> counts = new TreeMap<>();
        rules().forEach(rule -> rule.liveSessions().ifPresent(count -> counts.put(rule.rule(), count)));
        return counts;
    }

    private List<RuleStatus> rules()
    {
        Scope current = scope;
        return statistics.rules(rule -> current == null ? OptionalLong.empty() : current.parts().sessionKeys().size(rule));
    }

    /**
     * @return for how long opening a ticket took, in nanoseconds: {@code count}, {@code mean}, and the least bound of a bucket that is
     * not less than that share of the times, {@code p50}, {@code p90} and {@code p99}
     */
    @ManagedAttribute("Nanoseconds for which opening a ticket took: count, mean, and what most did not exceed")
    public Map<String, Long> getOpenTimes()
    {
        return summary(statistics.openTimes());
    }

    /**
     * @return for how long sealing a ticket took, as {@link #getOpenTimes}
     */
    @ManagedAttribute("Nanoseconds for which sealing a ticket took: count, mean, and what most did not exceed")
    public Map<String, Long> getSealTimes()
    {
        return summary(statistics.sealTimes());
    }

    /**
     * @return how old sessions were when they were resumed, in seconds since the full handshake; else as {@link #getOpenTimes}
     */
    @ManagedAttribute("Seconds since its full handshake that a session had when it was resumed: count, mean, and what most did not exceed")
    public Map<String, Long> getResumptionAge()
    {
        return summary(statistics.resumptionAge());
    }

    private static Map<String, Long> summary(Distribution distribution)
    {
        return new TreeMap<>(Map.of(
            "count", distribution.count(),
            "mean", Math.round(distribution.mean()),
            "p50", distribution.quantile(0.5),
            "p90", distribution.quantile(0.9),
            "p99", distribution.quantile(0.99)));
    }

    /**
     * @return how many connections ended after their session's deadline: {@code graceful}, by themselves when they were done or
     * {@code hard}, cut at the end of {@linkplain #setCloseTimeout the time to close} or for a protocol that is not HTTP
     */
    @ManagedAttribute("Connections that ended at their session's deadline: gracefully or hard")
    public Map<String, Long> getEndedConnections()
    {
        return new TreeMap<>(Map.of("graceful", openConnections.gracefulEnds(), "hard", openConnections.hardEnds()));
    }

    /**
     * @return how many sessions of mode cache there are: in this process, or in the cluster where they are shared
     */
    @ManagedAttribute("Live sessions of mode cache")
    public long getCachedSessions()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().sessionKeys().size();
    }

    /**
     * @return the key ring, without secrets
     */
    @ManagedAttribute("The ticket key ring")
    public String getTicketKeys()
    {
        return ring().toString();
    }

    /**
     * @return from when to when a ticket key stolen now would open tickets
     */
    @ManagedAttribute("From when to when the ticket keys of now open tickets")
    public String getExposure()
    {
        if (isRunning() && !fallenBack && resumesNothing())
            return "";
        return ring().exposure(now()).map(window -> window.from() + "/" + window.until()).orElse("");
    }

    /**
     * @return how the last contact with the store of the ticket keys went
     */
    @ManagedAttribute("How the last contact with the store of the ticket keys went")
    public String getTicketKeyStoreHealth()
    {
        Scope current = scope;
        return current == null ? "" : current.parts().ring().health().toString();
    }

    /**
     * @return how this node gets on with each of its stores outside the heap; empty before the start
     */
    public List<StoreHealth> storeHealth()
    {
        Scope current = scope;
        return current == null ? List.of() : current.parts().health(now());
    }

    /**
     * @return the same for people, by the name of the store
     */
    @ManagedAttribute("For each store: what is wrong with it, when it last answered, how old what is known of it may be")
    public Map<String, String> getStoreHealth()
    {
        Map<String, String> health = new TreeMap<>();
        storeHealth().forEach(store -> health.put(store.store(), store.toString()));
        return health;
    }

    /**
     * @return what is wrong with the file of the rules, empty when nothing is
     */
    @ManagedAttribute("What is wrong with the file of the rules; those read before are in force")
    public String getRulesProblem()
    {
        return policy.problem();
    }

    /**
     * Reads the file of the rules again, which is done without asking when it has changed.
     *
     * @throws IllegalArgumentException when it is bad; the rules stay as they are
     * @throws IllegalStateException when there is no file
     */
    @ManagedOperation("Reads the file of the rules again")
    public void reloadRules()
    {
        policy.reload();
        takeRules();
        endCached();
    }

    /**
     * @return how many are on the forget list
     */
    @ManagedAttribute("How many sessions, clients, users and rules are on the forget list")
    public int getForgotten()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().forgetList().entries();
    }

    /**
     * @return for how many sessions it is known who their user is
     */
    @ManagedAttribute("For how many sessions it is known who their user is")
    public int getPrincipals()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().forgetList().bindings();
    }

    /**
     * @return how often more was forgotten than asked for, since a bound was reached
     */
    @ManagedAttribute("How often more was forgotten than asked for, since maxForgotten or maxPrincipals was reached")
    public long getForgetOverflows()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().forgetList().overflows();
    }

    /**
     * @return what is wrong with the log of the forgotten, empty when nothing is
     */
    @ManagedAttribute("What is wrong with the log of the forgotten")
    public String getForgetLogProblem()
    {
        Scope current = scope;
        return current == null ? "" : current.parts().forgetList().problem().orElse("");
    }

    /**
     * @return when the ticket key that seals now stops; empty when none does
     */
    @ManagedAttribute("When the ticket key that seals now stops")
    public String getNextRotation()
    {
        return ring().nextRotation(now()).map(Instant::toString).orElse("");
    }

    /**
     * Reads what is in memory; a store that nodes share is asked how many sessions it has.
     *
     * @param name the connector's
     * @return all that is known of it now, without secrets
     */
    public ConnectorStatus status(String name)
    {
        Instant now = now();
        Scope current = scope;
        String scopeShown = getScope();
        return new ConnectorStatus(scopeShown == null ? "" : scopeShown, name,
            Map.of("TLSv1.3", getMode(), "TLSv1.2", getTls12Mode()), maxDuration(), statistics.handshakes(), statistics.refusals(),
            statistics.openTimes(), statistics.sealTimes(), statistics.resumptionAge(), getEndedConnections(), rules(),
            getCachedSessions(), status(current == null ? TicketKeyRing.empty() : current.parts().ring().ring(), now), getForgotten(),
            storeHealth());
    }

    private static RingStatus status(TicketKeyRing ring, Instant now)
    {
        List<KeyStatus> keys = ring.keys().stream()
            .map(key -> new KeyStatus(HexFormat.of().toHexDigits(key.id()), key.created(), key.sealFrom(), key.sealUntil(),
                key.openUntil(), key.state(now).name().toLowerCase(Locale.ROOT)))
            .toList();
        Optional<Exposure> exposure = ring.exposure(now);
        return new RingStatus(ring.version(), exposure.map(Exposure::from), exposure.map(Exposure::until), ring.nextRotation(now), keys);
    }

    private TicketKeyRing ring()
    {
        Scope current = scope;
        return current == null ? TicketKeyRing.empty() : current.parts().ring().ring();
    }

    /**
     * Brings a new ticket key before its time; tickets sealed until then stay good.
     *
     * @throws TicketKeyStoreException when the store does not take it
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Brings a new ticket key before its time")
    public void rotateTicketKeys() throws TicketKeyStoreException
    {
        manager().rotateNow();
    }

    /**
     * Drops every ticket key: all sessions end, here at once and elsewhere as soon as it is noticed; and those of this
     * connector's clients without tickets.
     *
     * @throws TicketKeyStoreException when the store does not take it
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Drops every ticket key: all sessions end")
    public void dropTicketKeys() throws TicketKeyStoreException
    {
        manager().dropAll();
        context.forgetCachedSessions();
        try
        {
            scope.parts().forgetting().forgetDropped();
        }
        catch (IOException x)
        {
            LOG.warn("The ticket keys were dropped: {}", x.getMessage());
        }
    }

    /**
     * Forgets one session: its next handshake is full.
     *
     * @param id its stable id, 64 hexadecimal digits
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when it is no id
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets one session")
    public void forgetSession(@Name("id") String id) throws IOException
    {
        forgetting().forgetSession(StableId.parse(id));
    }

    /**
     * Forgets the sessions of a client.
     *
     * @param client the address of a client without certificate; or of a client's key {@code sha256/} and base64, or {@code sha256:} and
     * hexadecimal digits, of SHA-256 of its SubjectPublicKeyInfo
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when it is neither
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets the sessions of a client, by address or by SHA-256 of the key of its certificate")
    public void forgetClient(@Name("client") String client) throws IOException
    {
        forgetting().forgetClient(client);
    }

    /**
     * Forgets the sessions of a user, as applications have named it.
     *
     * @param principal the name
     * @throws IOException when other processes have not been told yet
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets the sessions of a user, as applications have named it")
    public void forgetPrincipal(@Name("principal") String principal) throws IOException
    {
        forgetting().forgetPrincipal(principal);
    }

    /**
     * Forgets the sessions of the clients that a rule applies to.
     *
     * @param rule its name
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when there is no such rule
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets the sessions of the clients that a rule applies to")
    public void forgetRule(@Name("rule") String rule) throws IOException
    {
        Forgetting forgetting = forgetting();
        List<String> names = policy.names().orElse(List.of(rule));
        if (!names.contains(rule))
            throw new IllegalArgumentException("there is no rule '" + rule + "': " + (names.isEmpty() ? "there are none" : "use " + names));
        forgetting.forgetRule(rule);
    }

    /**
     * Forgets all sessions. The ticket keys stay.
     *
     * @throws IOException when other processes have not been told yet
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets all sessions")
    public void forgetEveryone() throws IOException
    {
        forgetting().forgetEveryone();
    }

    /**
     * @return what forgets sessions, for code that embeds Jetty
     * @throws IllegalStateException when not started
     */
    public Forgetting forgetting()
    {
        Scope current = scope;
        if (current == null)
            throw new IllegalStateException("not started");
        return current.parts().forgetting();
    }

    private TicketKeyRingManager manager()
    {
        Scope current = scope;
        if (current == null)
            throw new IllegalStateException("not started");
        return current.parts().ring();
    }

    @Override
    public void dump(Appendable out, String indent) throws IOException
    {
        super.dump(out, indent);
        Dumpable.dumpObjects(out, indent, "resumption",
            "scope=" + getScope(),
            "mode=" + mode,
            "tls12Mode=" + tls12Mode(),
            "tls12TicketMode=" + getTls12TicketMode(),
            "maxSessionDuration=" + maxDuration(),
            "ticketsPerConnection=" + getTicketsPerConnection(),
            "ticketKeys=" + ring(),
            "handshakes=" + getHandshakes(),
            "refusals=" + getRefusals(),
            "closeAtDeadline=" + closeAtDeadline,
            "endedConnections=" + getEndedConnections(),
            "storeHealth=" + getStoreHealth());
    }
}
