package io.github.tlsresumption.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A setting of one of the modules, by the name of its property.
 */
public enum Setting
{
    /** Which implementation of TLS it is. */
    ENGINE("engine", Kind.words("jdk", "native")),
    /** The file of libssl for the engine native. */
    NATIVE_LIBRARY("native.library", Kind.TEXT),
    /** The file of libcrypto, where it is not beside that. */
    NATIVE_CRYPTO("native.crypto", Kind.TEXT),
    /** How sessions of TLS 1.3 are resumed. */
    MODE("mode", Kind.words("cache", "ticket", "off")),
    /** How sessions of TLS 1.2 are resumed. */
    TLS12_MODE("tls12Mode", Kind.words("cache", "ticket", "off")),
    /** Whether mode ticket is allowed for TLS 1.2. */
    TLS12_TICKET_MODE("tls12TicketMode", Kind.words("allow", "forbid")),
    /** How long a session is resumed. */
    MAX_SESSION_DURATION("maxSessionDuration", Kind.duration(Duration.ofDays(7), ChronoUnit.SECONDS)),
    /** Which connectors resume each other's sessions. */
    SCOPE("scope", Kind.TEXT),
    /** How many sessions of mode cache there may be. */
    MAX_CACHED_SESSIONS("maxCachedSessions", Kind.number(1, Integer.MAX_VALUE)),
    /** Where the ticket keys are. */
    TICKET_KEY_STORE("ticketKeyStore", Kind.words("file", "secret", "memory")),
    /** Their file. */
    TICKET_KEY_FILE("ticketKeyFile", Kind.TEXT),
    /** The file of who was forgotten, where it is not beside them. */
    FORGET_LOG_FILE("forgetLogFile", Kind.TEXT),
    /** Encrypts them. */
    TICKET_KEY_PASSPHRASE("ticketKeyPassphrase", Kind.TEXT),
    /** The file of that. */
    TICKET_KEY_PASSPHRASE_FILE("ticketKeyPassphraseFile", Kind.TEXT),
    /** How long a key seals. */
    ROTATION_SEAL_PERIOD("rotation.sealPeriod", Kind.duration(Duration.ofDays(7), ChronoUnit.SECONDS)),
    /** How long a key is known before. */
    ROTATION_LEAD("rotation.lead", Kind.duration(Duration.ofDays(7), ChronoUnit.SECONDS)),
    /** How long it opens after that. */
    ROTATION_LIFETIME("rotation.lifetime", Kind.duration(Duration.ofDays(7), ChronoUnit.SECONDS)),
    /** Rules for single clients. */
    RULES("rules", Kind.TEXT),
    /** Their file. */
    RULES_FILE("rulesFile", Kind.TEXT),
    /** How many bits of an address are a client. */
    CLIENT_IPV4_PREFIX("client.ipv4Prefix", Kind.number(0, 32)),
    /** How many bits of an address are a client. */
    CLIENT_IPV6_PREFIX("client.ipv6Prefix", Kind.number(0, 128)),
    /** How far clocks may be apart. */
    CLOCK_SKEW("clockSkew", Kind.duration(Duration.ofHours(1), ChronoUnit.SECONDS)),
    /** How many may be forgotten. */
    MAX_FORGOTTEN("maxForgotten", Kind.number(1, 10_000_000)),
    /** How many sessions have a known user. */
    MAX_PRINCIPALS("maxPrincipals", Kind.number(1, 10_000_000)),
    /** How many tickets a client gets. */
    TICKETS_PER_CONNECTION("ticketsPerConnection", Kind.number(1, 10)),
    /** Whether open connections end at the deadline. */
    CLOSE_AT_DEADLINE("closeAtDeadline", Kind.truth()),
    /** How long they may go on. */
    CLOSE_TIMEOUT("closeTimeout", Kind.duration(Duration.ofHours(1), ChronoUnit.SECONDS)),
    /** What to do on an unknown JDK. */
    FALLBACK("fallback", Kind.words("fail", "session-id")),

    /** Where the second connector listens. */
    SECOND_HOST("second.host", Kind.TEXT),
    /** On which port. */
    SECOND_PORT("second.port", Kind.number(0, 65_535)),
    /** How sessions of TLS 1.3 are resumed there. */
    SECOND_MODE("second.mode", Kind.words("cache", "ticket", "off")),
    /** How sessions of TLS 1.2 are. */
    SECOND_TLS12_MODE("second.tls12Mode", Kind.words("cache", "ticket", "off")),
    /** How long a session is. */
    SECOND_MAX_SESSION_DURATION("second.maxSessionDuration", Kind.duration(Duration.ofDays(7), ChronoUnit.SECONDS)),
    /** Which connectors resume each other's sessions. */
    SECOND_SCOPE("second.scope", Kind.TEXT),
    /** The file of the ticket keys. */
    SECOND_TICKET_KEY_FILE("second.ticketKeyFile", Kind.TEXT),
    /** The file of who was forgotten, where it is not beside them. */
    SECOND_FORGET_LOG_FILE("second.forgetLogFile", Kind.TEXT),
    /** Rules for single clients. */
    SECOND_RULES("second.rules", Kind.TEXT),
    /** Their file. */
    SECOND_RULES_FILE("second.rulesFile", Kind.TEXT),

    /** Where Redis is. */
    REDIS_URI("redis.uri", Kind.TEXT),
    /** What the names of its keys begin with. */
    REDIS_PREFIX("redis.prefix", Kind.form("[\\x21-\\x7e]{1,64}", "set 1 to 64 characters of ASCII, without spaces")),
    /** How long a handshake waits for it. */
    REDIS_TIMEOUT("redis.timeout", Kind.duration(Duration.ofSeconds(10), ChronoUnit.MILLIS)),

    /** Where the database is. */
    JDBC_URL("jdbc.url", Kind.TEXT),
    /** Who logs in. */
    JDBC_USER("jdbc.user", Kind.TEXT),
    /** By which password. */
    JDBC_PASSWORD("jdbc.password", Kind.TEXT),
    /** What the names of its tables begin with. */
    JDBC_TABLE_PREFIX("jdbc.tablePrefix", Kind.form("[A-Za-z_][A-Za-z0-9_]{0,31}",
        "set a letter or underscore, then letters, digits and underscores, 32 at most")),
    /** How many connections it may have. */
    JDBC_POOL_SIZE("jdbc.poolSize", Kind.number(3, 1_000)),
    /** How long a handshake waits for it. */
    JDBC_TIMEOUT("jdbc.timeout", Kind.duration(Duration.ofSeconds(10), ChronoUnit.MILLIS)),

    /** Where the admin pages are. */
    ADMIN_HOST("admin.host", Kind.TEXT),
    /** On which port. */
    ADMIN_PORT("admin.port", Kind.number(0, 65_535)),
    /** Who may change something. */
    ADMIN_PASSWORD("admin.password", Kind.TEXT),
    /** The file of that. */
    ADMIN_PASSWORD_FILE("admin.passwordFile", Kind.TEXT),
    /** Whether reading needs it too. */
    ADMIN_AUTHENTICATE_READS("admin.authenticateReads", Kind.truth());

    static final String PREFIX = "jetty.tlsResumption.";

    private final String property;
    private final Kind kind;

    Setting(String name, Kind kind)
    {
        this.property = PREFIX + name;
        this.kind = kind;
    }

    /**
     * @return the name of the property
     */
    public String property()
    {
        return property;
    }

    /**
     * @param value as the operator wrote it; null for a setting that is not made
     * @return why the setting does not take it; nothing when it does
     */
    public Optional<Refusal> fault(String value)
    {
        return value == null ? Optional.empty() : kind.fault(property, value);
    }

    /**
     * @param value as the operator wrote it
     * @return the value, without white space around it
     * @throws RefusedException when the setting does not take it; the line is in the log then
     */
    public String require(String value)
    {
        fault(value).ifPresent(refusal ->
        {
            StartRefusals.log(refusal);
            throw new RefusedException(refusal);
        });
        return value.strip();
    }

    /**
     * @param value as the operator wrote it
     * @return the value of a setting with a whole number
     * @throws RefusedException when the setting does not take it; the line is in the log then
     */
    public int requireNumber(String value)
    {
        return Integer.parseInt(require(value));
    }

    /**
     * @param value as the operator wrote it
     * @return the value of a setting with a duration in seconds
     * @throws RefusedException when the setting does not take it; the line is in the log then
     */
    public long requireSeconds(String value)
    {
        return Durations.parse(require(value), ChronoUnit.SECONDS).orElseThrow().toSeconds();
    }

    /**
     * @param value as the operator wrote it
     * @return the value of a setting with a duration in milliseconds
     * @throws RefusedException when the setting does not take it; the line is in the log then
     */
    public long requireMillis(String value)
    {
        return Durations.parse(require(value), ChronoUnit.MILLIS).orElseThrow().toMillis();
    }

    /**
     * @param value as the operator wrote it
     * @return the value of a setting that is true or false
     * @throws RefusedException when the setting does not take it; the line is in the log then
     */
    public boolean requireTruth(String value)
    {
        return Boolean.parseBoolean(require(value));
    }
}
