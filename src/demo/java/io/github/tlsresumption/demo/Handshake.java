package io.github.tlsresumption.demo;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

import jakarta.servlet.http.HttpServletRequest;

/**
 * What is known of the TLS handshake of the connection that a request came on.
 *
 * @param resumed whether the handshake continued a session, {@code null} when nobody tells
 * @param mode how the session can be resumed, or {@code null}
 * @param tls the version of TLS
 * @param http the version of HTTP
 * @param cipherSuite the cipher suite
 * @param id the id that a session keeps over all its resumptions, or {@code null}
 * @param tlsId the session id that TLS itself shows, which a resumption may change
 * @param established when the session's full handshake was, or {@code null}
 * @param deadline from when on the session is not resumed any more, or {@code null}
 * @param now when the request was seen
 */
record Handshake(
    Boolean resumed,
    String mode,
    String tls,
    String http,
    String cipherSuite,
    String id,
    String tlsId,
    Instant established,
    Instant deadline,
    Instant now)
{
    private static final String SESSION = "io.github.tlsresumption.session.";

    /**
     * Reads the attributes by name, so that this page also works on a Jetty that does not set them.
     */
    static Handshake of(HttpServletRequest request, Clock clock)
    {
        String protocol = get(request, SESSION + "protocol", String.class);
        if (protocol == null)
        {
            protocol = get(request, "jakarta.servlet.request.secure_protocol", String.class);
        }
        return new Handshake(
            get(request, SESSION + "resumed", Boolean.class),
            get(request, SESSION + "mode", String.class),
            protocol,
            request.getProtocol(),
            get(request, "jakarta.servlet.request.cipher_suite", String.class),
            get(request, SESSION + "id", String.class),
            get(request, "jakarta.servlet.request.ssl_session_id", String.class),
            get(request, SESSION + "established", Instant.class),
            get(request, SESSION + "deadline", Instant.class),
            clock.instant());
    }

    /**
     * What forgets the session, or {@code null} on a Jetty that does not set it.
     */
    static Runnable forget(HttpServletRequest request)
    {
        return get(request, SESSION + "forget", Runnable.class);
    }

    private static <T> T get(HttpServletRequest request, String name, Class<T> type)
    {
        Object value = request.getAttribute(name);
        return type.isInstance(value) ? type.cast(value) : null;
    }

    /**
     * The time since the full handshake, in seconds.
     */
    Optional<Long> age()
    {
        return Optional.ofNullable(established).map(from -> Math.max(0, Duration.between(from, now).toSeconds()));
    }

    /**
     * The time that is left for resumptions, in seconds; a part of a second counts as one, so that with the age it makes the whole.
     */
    Optional<Long> remaining()
    {
        return Optional.ofNullable(deadline).map(until -> Math.max(0, Duration.between(now, until).plusNanos(999_999_999).toSeconds()));
    }

    String result()
    {
        if (resumed == null)
        {
            return "Not known";
        }
        return resumed ? "Resumed" : "Full handshake";
    }

    static String seconds(Instant instant)
    {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
