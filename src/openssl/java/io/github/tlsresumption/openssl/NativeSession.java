package io.github.tlsresumption.openssl;

import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionBindingEvent;
import javax.net.ssl.SSLSessionBindingListener;
import javax.net.ssl.SSLSessionContext;

import io.github.tlsresumption.engine.TlsSession;

/**
 * The session of a connection as applications see it: one for the time before the handshake, then one for the handshake and what follows.
 * Values belong to the connection. Thread-safe.
 */
final class NativeSession extends ExtendedSSLSession
{
    /** The largest record that JSSE sends or takes. */
    static final int PACKET_BYTES = 16_709;
    /** The largest content of a record (RFC 8446 section 5.1). */
    static final int APPLICATION_BYTES = 16_384;

    /** What is kept here for others of ours, which no application changes. */
    private static final Set<String> OURS = Set.of(TlsSession.NAME, TlsSession.FIRST);
    private static final String[] SIGNATURES = SignatureScheme.names();

    private final SSLSessionContext context;
    private final String peerHost;
    private final int peerPort;
    private final long created;
    private final Map<String, Object> values = new ConcurrentHashMap<>();
    private final AtomicReference<Runnable> forgetting = new AtomicReference<>();
    private volatile boolean invalid;
    private volatile byte[] id = new byte[0];
    private volatile String protocol = "NONE";
    private volatile String cipherSuite = "SSL_NULL_WITH_NULL_NULL";
    private volatile List<SNIServerName> serverNames = List.of();
    private volatile List<X509Certificate> local = List.of();
    private volatile List<X509Certificate> peer = List.of();

    /**
     * @param context the session context of the engine's context
     * @param peerHost as given to the engine, or null
     * @param peerPort as given to the engine, or -1
     * @param created when
     */
    NativeSession(SSLSessionContext context, String peerHost, int peerPort, Instant created)
    {
        this.context = context;
        this.peerHost = peerHost;
        this.peerPort = peerPort;
        this.created = created.toEpochMilli();
    }

    /**
     * The handshake is complete.
     *
     * @param known what is known of the session
     * @param forget is to be run when an application invalidates the session, or has done so
     */
    void established(TlsSession known, Runnable forget)
    {
        values.put(TlsSession.FIRST, known);
        values.put(TlsSession.NAME, known);
        id = known.id().bytes();
        forgetting.set(forget);
        if (invalid)
        {
            forget();
        }
    }

    private void forget()
    {
        // An application may invalidate with each request.
        Runnable forget = forgetting.getAndSet(null);
        if (forget != null)
        {
            forget.run();
        }
    }

    void id(byte[] bytes)
    {
        id = bytes;
    }

    void negotiated(String version, String suite)
    {
        protocol = version;
        cipherSuite = suite;
    }

    void serverNames(List<SNIServerName> names)
    {
        serverNames = names;
    }

    void local(List<X509Certificate> chain)
    {
        local = chain;
    }

    void peer(List<X509Certificate> chain)
    {
        peer = chain;
    }

    List<X509Certificate> peer()
    {
        return peer;
    }

    @Override
    public byte[] getId()
    {
        return id.clone();
    }

    @Override
    public SSLSessionContext getSessionContext()
    {
        return context;
    }

    @Override
    public long getCreationTime()
    {
        return created;
    }

    @Override
    public long getLastAccessedTime()
    {
        return created;
    }

    @Override
    public void invalidate()
    {
        invalid = true;
        forget();
    }

    @Override
    public boolean isValid()
    {
        return !invalid;
    }

    @Override
    public void putValue(String name, Object value)
    {
        if (name == null || value == null)
        {
            throw new IllegalArgumentException("name and value must not be null");
        }
        if (OURS.contains(name))
        {
            throw new IllegalArgumentException(name + " cannot be set");
        }
        Object old = values.put(name, value);
        if (value instanceof SSLSessionBindingListener listener)
        {
            listener.valueBound(new SSLSessionBindingEvent(this, name));
        }
        if (old != value)
        {
            unbound(name, old);
        }
    }

    @Override
    public Object getValue(String name)
    {
        return values.get(named(name));
    }

    @Override
    public void removeValue(String name)
    {
        if (!OURS.contains(named(name)))
        {
            unbound(name, values.remove(name));
        }
    }

    private static String named(String name)
    {
        if (name == null)
        {
            throw new IllegalArgumentException("name must not be null");
        }
        return name;
    }

    private void unbound(String name, Object value)
    {
        if (value instanceof SSLSessionBindingListener listener)
        {
            listener.valueUnbound(new SSLSessionBindingEvent(this, name));
        }
    }

    @Override
    public String[] getValueNames()
    {
        return values.keySet().stream().filter(name -> !OURS.contains(name)).toArray(String[]::new);
    }

    @Override
    public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException
    {
        List<X509Certificate> known = peer;
        if (known.isEmpty())
        {
            throw new NoClientCertificate();
        }
        return known.toArray(Certificate[]::new);
    }

    @Override
    public Certificate[] getLocalCertificates()
    {
        List<X509Certificate> known = local;
        return known.isEmpty() ? null : known.toArray(Certificate[]::new);
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException
    {
        return ((X509Certificate)getPeerCertificates()[0]).getSubjectX500Principal();
    }

    @Override
    public Principal getLocalPrincipal()
    {
        List<X509Certificate> known = local;
        return known.isEmpty() ? null : known.get(0).getSubjectX500Principal();
    }

    @Override
    public String getCipherSuite()
    {
        return cipherSuite;
    }

    @Override
    public String getProtocol()
    {
        return protocol;
    }

    @Override
    public String getPeerHost()
    {
        return peerHost;
    }

    @Override
    public int getPeerPort()
    {
        return peerPort;
    }

    @Override
    public int getPacketBufferSize()
    {
        return PACKET_BYTES;
    }

    @Override
    public int getApplicationBufferSize()
    {
        return APPLICATION_BYTES;
    }

    @Override
    public String[] getLocalSupportedSignatureAlgorithms()
    {
        return SIGNATURES.clone();
    }

    @Override
    public String[] getPeerSupportedSignatureAlgorithms()
    {
        return new String[0];
    }

    @Override
    public List<SNIServerName> getRequestedServerNames()
    {
        return serverNames;
    }

    @Override
    public List<byte[]> getStatusResponses()
    {
        return List.of();
    }

    @Override
    public String toString()
    {
        return "%s[%s,%s]".formatted(SSLSession.class.getSimpleName(), protocol, cipherSuite);
    }

    /**
     * Jetty asks each connection for certificates. Without a stack trace, which takes longer the deeper the stack is.
     */
    private static final class NoClientCertificate extends SSLPeerUnverifiedException
    {
        private static final long serialVersionUID = 1L;

        private NoClientCertificate()
        {
            super("the client has shown no certificate");
        }

        @Override
        public synchronized Throwable fillInStackTrace()
        {
            return this;
        }
    }
}
