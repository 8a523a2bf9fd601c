package io.github.tlsresumption;

import java.time.Clock;
import java.util.Locale;
import java.util.function.Supplier;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.Passphrases;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.settings.Setting;
import io.github.tlsresumption.settings.StartRefusals;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.security.Password;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The settings of a {@link ResumptionSslContextFactory}, for XML and code that embeds Jetty.
 */
abstract class ConfigurableSslContextFactory extends SslContextFactory.Server
{
    private static final String ALLOW = "allow";
    private static final String FORBID = "forbid";
    private static final int MOST_TICKETS = 10;

    final ResumptionSettings settings = new ResumptionSettings(super::getSslSessionTimeout);
    final ConnectorPolicy policy = new ConnectorPolicy();

    /**
     * @return the name of the TLS engine
     */
    @ManagedAttribute(value = "The implementation of TLS: jdk or native", readonly = true)
    public String getEngine()
    {
        return settings.engine;
    }

    /**
     * @param engine the implementation of TLS: {@code jdk}, the default, for that of the JDK, or {@code native} for that of a native
     * library, for which the jar of the module {@code tls-resumption-native} is needed
     * @throws IllegalArgumentException when there is none of that name
     */
    public void setEngine(String engine)
    {
        settings.engine = Setting.ENGINE.require(engine);
    }

    /**
     * @param library for the engine {@code native}: {@code openssl}, the default, for OpenSSL 3 of the system, {@code boringssl} for that
     * of Debian's package, or the file of libssl of one of them or of AWS-LC
     */
    public void setNativeLibrary(String library)
    {
        settings.nativeLibrary = library == null ? "" : library.strip();
    }

    /**
     * @param file libcrypto, where it is not beside {@linkplain #setNativeLibrary libssl}
     */
    public void setNativeCrypto(String file)
    {
        settings.nativeCrypto = file == null ? "" : file.strip();
    }

    /**
     * @return how sessions of TLS 1.3 are resumed
     */
    @ManagedAttribute(value = "How sessions of TLS 1.3 are resumed: ticket, cache or off", readonly = true)
    public String getMode()
    {
        return settings.mode.toString();
    }

    /**
     * @param mode {@code ticket} (the default), {@code cache} or {@code off}
     * @throws IllegalArgumentException when it is none of them
     */
    public void setMode(String mode)
    {
        settings.mode = ResumptionMode.of(Setting.MODE.require(mode));
    }

    /**
     * @return how sessions of TLS 1.2 are resumed, for clients that support tickets
     */
    @ManagedAttribute(value = "How sessions of TLS 1.2 are resumed: ticket, cache or off", readonly = true)
    public String getTls12Mode()
    {
        return settings.tls12Mode().toString();
    }

    /**
     * @param mode {@code ticket}, {@code cache} or {@code off}; the default is {@code cache}, or {@code off} with
     * {@linkplain #setMode mode} off, since whoever has the key of a TLS 1.2 ticket can read its session's recorded traffic
     * @throws IllegalArgumentException when it is none of them
     */
    public void setTls12Mode(String mode)
    {
        settings.tls12Mode = ResumptionMode.of(Setting.TLS12_MODE.require(mode));
    }

    /**
     * @return whether mode {@code ticket} is allowed for TLS 1.2
     */
    @ManagedAttribute(value = "Whether mode ticket is allowed for TLS 1.2: allow or forbid", readonly = true)
    public String getTls12TicketMode()
    {
        return settings.tls12Tickets ? ALLOW : FORBID;
    }

    /**
     * @param permission {@code allow}, the default, or {@code forbid}: then neither {@linkplain #setTls12Mode the mode for TLS 1.2} nor
     * a rule may be {@code ticket} for TLS 1.2, and where a {@linkplain #setSessionPolicy policy} says so it is taken for {@code cache}
     * @throws IllegalArgumentException when it is neither
     */
    public void setTls12TicketMode(String permission)
    {
        settings.tls12Tickets = ALLOW.equalsIgnoreCase(Setting.TLS12_TICKET_MODE.require(permission));
    }

    /**
     * @return for how long a session may be resumed, in seconds from its full handshake
     */
    @ManagedAttribute(value = "The maximum session duration in seconds, from the full handshake", readonly = true)
    public long getMaxSessionDuration()
    {
        return settings.maxSessionDuration;
    }

    /**
     * @param duration how long a session may be resumed, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setMaxSessionDuration(long)
     */
    public void setMaxSessionDuration(String duration)
    {
        setMaxSessionDuration(Setting.MAX_SESSION_DURATION.requireSeconds(duration));
    }

    /**
     * @param seconds 1 to 604800; the default is 86400. A positive {@linkplain #setSslSessionTimeout session timeout}
     * that is shorter holds in its place.
     */
    public void setMaxSessionDuration(long seconds)
    {
        settings.maxSessionDuration = seconds;
    }

    /**
     * @param scope connectors with the same scope, and nodes' connectors with the same scope and ticket keys, resume each
     * other's sessions; blank, the default, for one of this factory's own
     */
    public void setScope(String scope)
    {
        settings.scopeName = scope == null || scope.isBlank() ? null : scope.strip();
    }

    /**
     * @return the file of the ticket keys, or null when they are in memory only
     */
    @ManagedAttribute(value = "The file of the ticket keys", readonly = true)
    public String getTicketKeyFile()
    {
        return settings.ticketKeyFile == null ? null : settings.ticketKeyFile.toString();
    }

    /**
     * @param file where the ticket keys are kept, made at the first start; without one, the default, they are in memory only,
     * and a restart ends all sessions
     */
    public void setTicketKeyFile(String file)
    {
        settings.ticketKeyFile = ResumptionSettings.path(file);
    }

    /**
     * @return where the ticket keys are kept: {@code file}, {@code secret}, {@code memory} or {@code shared}
     */
    @ManagedAttribute(value = "Where the ticket keys are kept: file, secret, memory or shared", readonly = true)
    public String getTicketKeyStoreType()
    {
        return settings.storeType();
    }

    /**
     * @param type {@code file}, the default, for {@linkplain #setTicketKeyFile the file} if there is one; {@code secret} for a file that
     * somebody else writes and rotates, and that is only read here; or {@code memory} in any case
     * @throws IllegalArgumentException when it is none of them
     */
    public void setTicketKeyStoreType(String type)
    {
        settings.ticketKeyStoreType = Setting.TICKET_KEY_STORE.require(type).toLowerCase(Locale.ROOT);
    }

    /**
     * @return the file of who was forgotten, or null for the one that goes with the store of the ticket keys
     */
    @ManagedAttribute(value = "The file of the forget list, where it is not beside the ticket keys", readonly = true)
    public String getForgetLogFile()
    {
        return settings.forgetLogFile == null ? null : settings.forgetLogFile.toString();
    }

    /**
     * @param file where it is kept who was forgotten, made at the first start. Without one, the default, it is beside the file of the
     * ticket keys; and in memory where that is a {@code secret}: then no session is resumed that was established before this process
     * started, or by another one.
     */
    public void setForgetLogFile(String file)
    {
        settings.forgetLogFile = ResumptionSettings.path(file);
    }

    /**
     * @return who rotates the ticket keys: {@code this server}, or {@code whoever writes their file}
     */
    @ManagedAttribute("Who rotates the ticket keys: this server, or whoever writes their file")
    public String getTicketKeyRotation()
    {
        return settings.isSecret() ? "whoever writes their file" : "this server";
    }

    /**
     * @param passphrase encrypts the file of the ticket keys; may be obfuscated as {@link Password} does it
     */
    public void setTicketKeyPassphrase(String passphrase)
    {
        settings.ticketKeyPassphrase = passphrase == null || passphrase.isEmpty() ? null : passphrase;
    }

    /**
     * @param file holds the passphrase, such as a mounted secret; line ends behind it do not count. It is refused when others may read or
     * replace it, see {@link Passphrases#guarded}.
     */
    public void setTicketKeyPassphraseFile(String file)
    {
        settings.ticketKeyPassphraseFile = ResumptionSettings.path(file);
    }

    /**
     * @return for how many seconds a ticket key seals
     */
    @ManagedAttribute(value = "For how many seconds a ticket key seals", readonly = true)
    public long getRotationSealPeriod()
    {
        return settings.rotationSealPeriod;
    }

    /**
     * @param duration for how long a ticket key seals, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setRotationSealPeriod(long)
     */
    public void setRotationSealPeriod(String duration)
    {
        setRotationSealPeriod(Setting.ROTATION_SEAL_PERIOD.requireSeconds(duration));
    }

    /**
     * @param seconds for how long a ticket key seals; the default is 43200
     */
    public void setRotationSealPeriod(long seconds)
    {
        settings.rotationSealPeriod = seconds;
    }

    /**
     * @return for how many seconds a ticket key is known before it seals
     */
    @ManagedAttribute(value = "The lead: for how many seconds a new ticket key is known to every node before it seals", readonly = true)
    public long getRotationLead()
    {
        return settings.rotationLead;
    }

    /**
     * @param duration for how long a ticket key is known before it seals, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setRotationLead(long)
     */
    public void setRotationLead(String duration)
    {
        setRotationLead(Setting.ROTATION_LEAD.requireSeconds(duration));
    }

    /**
     * @param seconds for how long a ticket key is known before it seals; the default is 600
     */
    public void setRotationLead(long seconds)
    {
        settings.rotationLead = seconds;
    }

    /**
     * @return for how many seconds a ticket key opens after its last seal
     */
    @ManagedAttribute(value = "For how many seconds a ticket key opens after its last seal", readonly = true)
    public long getRotationLifetime()
    {
        return settings.rotationLifetime();
    }

    /**
     * @param duration for how long a ticket key opens after its last seal, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setRotationLifetime(long)
     */
    public void setRotationLifetime(String duration)
    {
        setRotationLifetime(Setting.ROTATION_LIFETIME.requireSeconds(duration));
    }

    /**
     * @param seconds for how long a ticket key opens after its last seal; the default, 0, is the maximum session duration.
     * To be set to the longest one where connectors share keys.
     */
    public void setRotationLifetime(long seconds)
    {
        settings.rotationLifetime = seconds;
    }

    /**
     * @return how many sessions of mode cache there may be
     */
    @ManagedAttribute(value = "Maximum number of sessions of mode cache", readonly = true)
    public int getMaxCachedSessions()
    {
        return settings.maxCachedSessions;
    }

    /**
     * @param number how many sessions of mode cache there may be, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setMaxCachedSessions(int)
     */
    public void setMaxCachedSessions(String number)
    {
        setMaxCachedSessions(Setting.MAX_CACHED_SESSIONS.requireNumber(number));
    }

    /**
     * @param sessions how many sessions of mode cache there may be; the default is 100000
     */
    public void setMaxCachedSessions(int sessions)
    {
        settings.maxCachedSessions = sessions;
    }

    /**
     * @param number how many tickets a client gets after each handshake of TLS 1.3, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setTicketsPerConnection(int)
     */
    public void setTicketsPerConnection(String number)
    {
        setTicketsPerConnection(Setting.TICKETS_PER_CONNECTION.requireNumber(number));
    }

    /**
     * @param tickets how many tickets a client gets after each handshake of TLS 1.3, 1 to 10; by default as many as the engine sends,
     * which is one unless the system property {@code jdk.tls.server.newSessionTicketCount} says otherwise. It holds for the whole JVM.
     * A JDK without that property, such as JDK 17, only takes 1.
     */
    public void setTicketsPerConnection(int tickets)
    {
        if (tickets < 1 || tickets > MOST_TICKETS)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.ticketsPerConnection is " + tickets + ": set 1 to " + MOST_TICKETS);
        }
        settings.ticketsPerConnection = tickets;
    }

    /**
     * @return whether connections that are open when their session's deadline passes are ended
     */
    @ManagedAttribute(value = "Whether open connections end at their session's deadline", readonly = true)
    public boolean isCloseAtDeadline()
    {
        return settings.closeAtDeadline;
    }

    /**
     * @param close {@code true} or {@code false}
     * @throws IllegalArgumentException when it is neither
     * @see #setCloseAtDeadline(boolean)
     */
    public void setCloseAtDeadline(String close)
    {
        setCloseAtDeadline(Setting.CLOSE_AT_DEADLINE.requireTruth(close));
    }

    /**
     * @param close whether connections that are open when their session's deadline passes, or it is forgotten, are ended, within
     * {@linkplain #setCloseTimeout the time to close}, also of sessions that are not resumed; the default is false. Needs
     * {@link ResumptionSslContextFactory#customize}.
     */
    public void setCloseAtDeadline(boolean close)
    {
        settings.closeAtDeadline = close;
    }

    /**
     * @return for how many seconds after the deadline a connection that is ended may go on with what runs on it
     */
    @ManagedAttribute(value = "For how many seconds after the deadline a connection may finish what runs on it", readonly = true)
    public long getCloseTimeout()
    {
        return settings.closeTimeout;
    }

    /**
     * @param duration for how long a connection that is ended may go on, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setCloseTimeout(long)
     */
    public void setCloseTimeout(String duration)
    {
        setCloseTimeout(Setting.CLOSE_TIMEOUT.requireSeconds(duration));
    }

    /**
     * @param seconds for how long after the deadline a connection that is ended may go on with what runs on it, 1 to 3600; the
     * default is 30
     */
    public void setCloseTimeout(long seconds)
    {
        settings.closeTimeout = seconds;
    }

    /**
     * @return what to do when the TLS engine does not work in this JVM
     */
    @ManagedAttribute(value = "What to do when this JDK does not suit: fail or session-id", readonly = true)
    public String getFallback()
    {
        return settings.fallback.toString();
    }

    /**
     * @param fallback what to do when the TLS engine does not pass the self-test in this JVM: {@code fail}, the default, or
     * {@code session-id} for its own cache
     */
    public void setFallback(String fallback)
    {
        settings.fallback = Fallback.of(Setting.FALLBACK.require(fallback));
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
        policy.setFile(ResumptionSettings.path(file));
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
        return settings.ipv4Prefix;
    }

    /**
     * @param number how many bits of an IPv4 address tell clients apart, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setClientIpv4Prefix(int)
     */
    public void setClientIpv4Prefix(String number)
    {
        setClientIpv4Prefix(Setting.CLIENT_IPV4_PREFIX.requireNumber(number));
    }

    /**
     * @param bits how many bits of an IPv4 address tell clients without certificate apart, 0 to 32; the default is 32
     */
    public void setClientIpv4Prefix(int bits)
    {
        settings.ipv4Prefix = bits;
    }

    /**
     * @return how many bits of an IPv6 address tell clients without certificate apart
     */
    @ManagedAttribute(value = "How many bits of an IPv6 address tell clients apart", readonly = true)
    public int getClientIpv6Prefix()
    {
        return settings.ipv6Prefix;
    }

    /**
     * @param number how many bits of an IPv6 address tell clients apart, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setClientIpv6Prefix(int)
     */
    public void setClientIpv6Prefix(String number)
    {
        setClientIpv6Prefix(Setting.CLIENT_IPV6_PREFIX.requireNumber(number));
    }

    /**
     * @param bits how many bits of an IPv6 address tell clients without certificate apart, 0 to 128; the default is 64
     */
    public void setClientIpv6Prefix(int bits)
    {
        settings.ipv6Prefix = bits;
    }

    /**
     * @return by how many seconds the clocks of the nodes may be apart
     */
    @ManagedAttribute(value = "By how many seconds the clocks of the nodes may be apart", readonly = true)
    public long getClockSkew()
    {
        return settings.clockSkew;
    }

    /**
     * @param duration how far the clocks of the nodes may be apart, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setClockSkew(long)
     */
    public void setClockSkew(String duration)
    {
        setClockSkew(Setting.CLOCK_SKEW.requireSeconds(duration));
    }

    /**
     * @param seconds by how many the clocks of the nodes may be apart, 1 to 3600. Where nodes share the forget list, forgetting
     * a client also covers sessions that are established up to this many seconds later. A larger difference is reported. The default is
     * 120.
     */
    public void setClockSkew(long seconds)
    {
        settings.clockSkew = seconds;
    }

    /**
     * @return the maximum number of entries on the forget list
     */
    @ManagedAttribute(value = "Maximum number of sessions, clients, users and rules on the forget list", readonly = true)
    public int getMaxForgotten()
    {
        return settings.maxForgotten;
    }

    /**
     * @param number the maximum number of entries on the forget list, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setMaxForgotten(int)
     */
    public void setMaxForgotten(String number)
    {
        setMaxForgotten(Setting.MAX_FORGOTTEN.requireNumber(number));
    }

    /**
     * @param entries the maximum number of sessions, clients, principals and rules on the forget list; beyond it, all sessions that
     * are older than the oldest entries are forgotten. The default is 100000.
     */
    public void setMaxForgotten(int entries)
    {
        settings.maxForgotten = entries;
    }

    /**
     * @return the maximum number of session-to-user bindings
     */
    @ManagedAttribute(value = "Maximum number of session-to-user bindings", readonly = true)
    public int getMaxPrincipals()
    {
        return settings.maxPrincipals;
    }

    /**
     * @param number the maximum number of session-to-user bindings, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setMaxPrincipals(int)
     */
    public void setMaxPrincipals(String number)
    {
        setMaxPrincipals(Setting.MAX_PRINCIPALS.requireNumber(number));
    }

    /**
     * @param sessions the maximum number of session-to-user bindings; beyond it, forgetting a user forgets all sessions that are
     * older than those bound. The default is 100000.
     */
    public void setMaxPrincipals(int sessions)
    {
        settings.maxPrincipals = sessions;
    }

    /**
     * @param log keeps the forget list in place of a file beside that of the ticket keys: for a {@linkplain #setTicketKeyStore store} that
     * outlives this process or is shared. Without one, such a store's sessions end with each restart, since it is not known who was
     * forgotten. Of connectors of one scope the first to start lends its own, which is closed when the last of them stops.
     */
    public void setForgetLog(ForgetLog log)
    {
        settings.forgetLog = log;
    }

    /**
     * @param store keeps the ticket keys in place of the file. Of connectors of one scope the first to start lends its own,
     * which is closed when the last of them stops.
     */
    public void setTicketKeyStore(TicketKeyStore store)
    {
        settings.ticketKeyStore = store;
    }

    /**
     * @param stores keep ticket keys, forget list and session keys for all nodes of a cluster, in place of the file of the ticket keys,
     * the one beside it, and the heap. Of connectors of one scope the first to start lends its own, which is closed when the last of
     * them stops. Null takes them away.
     * @throws IllegalStateException when there are some already
     */
    public void setSharedStores(SharedStores stores)
    {
        if (settings.sharedStores != null && stores != null)
        {
            throw StartRefusals.logged(new IllegalStateException("shared stores are set already, "
                + settings.sharedStores.describe() + ", and would be " + stores.describe()
                + ": enable one of the modules tls-resumption-redis and tls-resumption-jdbc"), stores.setting());
        }
        settings.sharedStores = stores;
    }

    /**
     * @return gives, at each call in a new array, what {@link #setTicketKeyPassphrase} or {@link #setTicketKeyPassphraseFile} says by
     * then: empty when neither has been called; an {@link IllegalStateException} when both have been, or the file holds none
     */
    public Supplier<char[]> newTicketKeyPassphraseSupplier()
    {
        return () -> settings.passphrase().map(Supplier::get).orElseGet(() -> new char[0]);
    }

    /**
     * @param clock tells the time; the default is the system's
     */
    public void setClock(Clock clock)
    {
        settings.clock = clock;
        settings.elapsed = clock::instant;
    }
}
