package io.github.tlsresumption.cli.tls;

import java.io.IOException;
import java.util.Map;

/**
 * A connection that did not come about, or that ended badly.
 */
public final class TlsFailure extends IOException
{
    /**
     * Who gave up.
     */
    public enum Kind
    {
        /** The server sent an alert. */
        ALERT,
        /** The server closed without a word. */
        CLOSED,
        /** The server was silent for too long. */
        TIMEOUT,
        /** What the server sent is not TLS, or not as it should be. */
        PROTOCOL
    }

    private static final long serialVersionUID = 1L;
    private static final Map<Integer, String> ALERTS = Map.ofEntries(Map.entry(10, "unexpected_message"), Map.entry(20, "bad_record_mac"),
        Map.entry(40, "handshake_failure"), Map.entry(42, "bad_certificate"), Map.entry(43, "unsupported_certificate"),
        Map.entry(47, "illegal_parameter"), Map.entry(48, "unknown_ca"), Map.entry(50, "decode_error"), Map.entry(51, "decrypt_error"),
        Map.entry(70, "protocol_version"), Map.entry(71, "insufficient_security"), Map.entry(80, "internal_error"),
        Map.entry(86, "inappropriate_fallback"), Map.entry(109, "missing_extension"), Map.entry(112, "unrecognized_name"),
        Map.entry(116, "certificate_required"), Map.entry(120, "no_application_protocol"));

    private final Kind kind;
    private final int alert;

    TlsFailure(Kind kind, String message, Throwable cause)
    {
        super(message, cause);
        this.kind = kind;
        this.alert = -1;
    }

    private TlsFailure(int alert)
    {
        super("the server sent the alert " + ALERTS.getOrDefault(alert, String.valueOf(alert)));
        this.kind = Kind.ALERT;
        this.alert = alert;
    }

    static TlsFailure alert(int description)
    {
        return new TlsFailure(description);
    }

    static TlsFailure protocol(String message)
    {
        return new TlsFailure(Kind.PROTOCOL, message, null);
    }

    /**
     * @return who gave up
     */
    public Kind kind()
    {
        return kind;
    }

    /**
     * @return whether the server said that it does not speak this version, or has no suite in common with the client
     */
    public boolean saysNotSupported()
    {
        return alert == 70 || alert == 40 || alert == 71;
    }
}
