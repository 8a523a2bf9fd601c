package io.github.tlsresumption;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.Passphrases;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import org.eclipse.jetty.util.security.Password;

/**
 * The settings of a factory, with their defaults, and what follows from them alone. Whether they go together says {@link SettingsCheck}. To
 * be set by one thread before the start.
 */
final class ResumptionSettings
{
    static final String FILE = "file";
    static final String SECRET = "secret";
    static final String MEMORY = "memory";
    static final String SHARED = "shared";

    private static final String PASSPHRASE_FILE = "jetty.tlsResumption.ticketKeyPassphraseFile";
    private static final int DEFAULT_MAX_CACHED_SESSIONS = 100_000;
    private static final int DEFAULT_IPV4_PREFIX = 32;
    private static final int DEFAULT_IPV6_PREFIX = 64;
    private static final long DEFAULT_CLOCK_SKEW = 120;
    private static final int DEFAULT_MAX_FORGOTTEN = 100_000;
    private static final int DEFAULT_MAX_PRINCIPALS = 100_000;
    private static final long DEFAULT_CLOSE_TIMEOUT = 30;

    String engine = "jdk";
    /** Blank for one that the engine finds. */
    String nativeLibrary = "";
    /** Blank for the one beside the library. */
    String nativeCrypto = "";
    ResumptionMode mode = ResumptionMode.TICKET;
    /** Null for the default, which depends on the mode. */
    ResumptionMode tls12Mode;
    /** That of the connector from which the settings are, null for none; a mode that is off comes first. */
    ResumptionMode inheritedTls12Mode;
    boolean tls12Tickets = true;
    long maxSessionDuration = KeyRotation.DEFAULT.lifetime().toSeconds();
    String scopeName;
    Path ticketKeyFile;
    String ticketKeyStoreType = FILE;
    Path forgetLogFile;
    String ticketKeyPassphrase;
    Path ticketKeyPassphraseFile;
    long rotationSealPeriod = KeyRotation.DEFAULT.sealPeriod().toSeconds();
    long rotationLead = KeyRotation.DEFAULT.lead().toSeconds();
    /** 0 for the maximum session duration. */
    long rotationLifetime;
    int maxCachedSessions = DEFAULT_MAX_CACHED_SESSIONS;
    /** 0 for as many as the engine sends by itself. */
    int ticketsPerConnection;
    boolean closeAtDeadline;
    long closeTimeout = DEFAULT_CLOSE_TIMEOUT;
    Fallback fallback = Fallback.FAIL;
    Clock clock = Clock.systemUTC();
    // The time to close a connection passes also when the system's clock is set back.
    Supplier<Instant> elapsed = () -> Instant.EPOCH.plusNanos(System.nanoTime());
    TicketKeyStore ticketKeyStore;
    ForgetLog forgetLog;
    SharedStores sharedStores;
    int ipv4Prefix = DEFAULT_IPV4_PREFIX;
    int ipv6Prefix = DEFAULT_IPV6_PREFIX;
    long clockSkew = DEFAULT_CLOCK_SKEW;
    int maxForgotten = DEFAULT_MAX_FORGOTTEN;
    int maxPrincipals = DEFAULT_MAX_PRINCIPALS;

    private final IntSupplier sessionTimeout;

    /**
     * @param sessionTimeout Jetty's own setting, in seconds
     */
    ResumptionSettings(IntSupplier sessionTimeout)
    {
        this.sessionTimeout = sessionTimeout;
    }

    /**
     * @param file a path as text
     * @return the path, or null when the text is null or blank
     */
    static Path path(String file)
    {
        return file == null || file.isBlank() ? null : Path.of(file.strip());
    }

    int sessionTimeout()
    {
        return sessionTimeout.getAsInt();
    }

    ResumptionMode tls12Mode()
    {
        if (tls12Mode != null)
        {
            return tls12Mode;
        }
        if (mode == ResumptionMode.OFF)
        {
            return ResumptionMode.OFF;
        }
        return inheritedTls12Mode != null ? inheritedTls12Mode : ResumptionMode.CACHE;
    }

    /**
     * @return whether all that a handshake asks is in the memory of this process
     */
    boolean asksNoStore()
    {
        return sharedStores == null && ticketKeyStore == null && forgetLog == null;
    }

    /**
     * Takes over what another connector of the same server has, but for what makes a scope: its name, its files and stores.
     *
     * @param other the settings of that connector
     */
    void inherit(ResumptionSettings other)
    {
        engine = other.engine;
        nativeLibrary = other.nativeLibrary;
        nativeCrypto = other.nativeCrypto;
        mode = other.mode;
        inheritedTls12Mode = other.tls12Mode != null ? other.tls12Mode : other.inheritedTls12Mode;
        tls12Tickets = other.tls12Tickets;
        maxSessionDuration = other.maxSessionDuration;
        ticketKeyStoreType = other.ticketKeyStoreType;
        ticketKeyPassphrase = other.ticketKeyPassphrase;
        ticketKeyPassphraseFile = other.ticketKeyPassphraseFile;
        rotationSealPeriod = other.rotationSealPeriod;
        rotationLead = other.rotationLead;
        rotationLifetime = other.rotationLifetime;
        maxCachedSessions = other.maxCachedSessions;
        ticketsPerConnection = other.ticketsPerConnection;
        closeAtDeadline = other.closeAtDeadline;
        closeTimeout = other.closeTimeout;
        fallback = other.fallback;
        clock = other.clock;
        elapsed = other.elapsed;
        ipv4Prefix = other.ipv4Prefix;
        ipv6Prefix = other.ipv6Prefix;
        clockSkew = other.clockSkew;
        maxForgotten = other.maxForgotten;
        maxPrincipals = other.maxPrincipals;
    }

    /**
     * @return for how long a session may be resumed, within Jetty's session timeout
     */
    Duration maxDuration()
    {
        int timeout = sessionTimeout();
        return Duration.ofSeconds(timeout > 0 ? Math.min(timeout, maxSessionDuration) : maxSessionDuration);
    }

    long rotationLifetime()
    {
        return rotationLifetime == 0 ? maxSessionDuration : rotationLifetime;
    }

    /**
     * @return where the ticket keys are kept: {@code file}, {@code secret}, {@code memory} or {@code shared}
     */
    String storeType()
    {
        if (SECRET.equals(ticketKeyStoreType))
        {
            return SECRET;
        }
        return sharedStores != null ? SHARED : ticketKeyFile == null ? MEMORY : ticketKeyStoreType;
    }

    boolean isInMemory()
    {
        return MEMORY.equals(storeType());
    }

    boolean isSecret()
    {
        return SECRET.equals(storeType());
    }

    /**
     * @param terms of the connector
     * @param rotation of its ticket keys
     * @return what must be the same in all connectors of its scope
     */
    ScopeSettings scope(ConnectorTerms terms, KeyRotation rotation)
    {
        String keys = sharedStores != null ? sharedStores.describe() : ticketKeyStore != null ? ticketKeyStore.describe()
            : isInMemory() ? "" : ticketKeyFile.toAbsolutePath().normalize().toString();
        String list = forgetLog != null ? forgetLog.describe()
            : forgetLogFile == null ? "" : forgetLogFile.toAbsolutePath().normalize().toString();
        String type = ticketKeyStore != null ? "given" : storeType();
        boolean isFile = FILE.equals(type) || SECRET.equals(type);
        String secret = isFile ? PassphraseMark.of(passphrase()) : "";
        return new ScopeSettings(terms, rotation, keys, type, secret, list, maxCachedSessions, ipv4Prefix, ipv6Prefix, maxForgotten,
            maxPrincipals, Duration.ofSeconds(clockSkew));
    }

    /**
     * @return gives the passphrase of the ticket keys, in a new array at each call, if there is one
     * @throws IllegalStateException when there are two
     */
    Optional<Supplier<char[]>> passphrase()
    {
        if (ticketKeyPassphrase != null && ticketKeyPassphraseFile != null)
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyPassphrase is set beside .ticketKeyPassphraseFile: keep one");
        }
        if (ticketKeyPassphraseFile != null)
        {
            return Optional.of(Passphrases.guarded(ticketKeyPassphraseFile, PASSPHRASE_FILE));
        }
        return Optional.ofNullable(ticketKeyPassphrase).map(text -> () -> new Password(text).toString().toCharArray());
    }
}
