package io.github.tlsresumption.jsse;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionBindingEvent;
import javax.net.ssl.SSLSessionBindingListener;
import javax.net.ssl.SSLSessionContext;

import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.ticket.HostName;

/**
 * A session as our engine shows it. Values are kept with the connection: bound to SunJSSE's own session
 * they would silently keep it from issuing a ticket, or, bound after the handshake, make it issue one of its cache.
 * Thread-safe as the session behind it is.
 */
final class ResumptionSSLSession extends ExtendedSSLSession
{
    /** What is kept here for others of ours, which no application changes. */
    private static final Set<String> OURS = Set.of(TlsSession.NAME, TlsSession.FIRST);
    private static final MethodHandle EXPORT_KEY = exporter("exportKeyingMaterialKey", MethodType.methodType(
        SecretKey.class, String.class, String.class, byte[].class, int.class));
    private static final MethodHandle EXPORT_DATA = exporter("exportKeyingMaterialData", MethodType.methodType(
        byte[].class, String.class, byte[].class, int.class));

    private final SSLSession session;
    private final Map<String, Object> values;
    private final String serverName;
    private final KnownCertificates certificates;
    private final Runnable invalidation;

    /**
     * @param session the session behind this one
     * @param values the values of the connection
     * @param serverName the host of the ClientHello where the session does not know it yet, else null
     * @param certificates what is known of those of the session
     * @param invalidation is called when an application invalidates the session; nothing of SunJSSE's or of ours calls it
     */
    ResumptionSSLSession(SSLSession session, Map<String, Object> values, String serverName, KnownCertificates certificates,
        Runnable invalidation)
    {
        this.session = session;
        this.values = values;
        this.serverName = serverName;
        this.certificates = certificates;
        this.invalidation = invalidation;
    }

    SSLSession delegate()
    {
        return session;
    }

    /**
     * @return the {@linkplain HostName host name} for which a session was established, or empty
     */
    static Optional<String> hostName(SSLSession session)
    {
        if (!(session instanceof ExtendedSSLSession extended))
        {
            return Optional.empty();
        }
        return extended.getRequestedServerNames().stream()
            .filter(SNIHostName.class::isInstance)
            .map(name -> HostName.of((SNIHostName)name))
            .findFirst();
    }

    private static MethodHandle exporter(String name, MethodType type)
    {
        try
        {
            return MethodHandles.publicLookup().findVirtual(ExtendedSSLSession.class, name, type);
        }
        catch (NoSuchMethodException | IllegalAccessException e)
        {
            // Not in this JDK.
            return null;
        }
    }

    /**
     * The keying material exporter of RFC 8446 section 7.5, in a JDK that has it.
     *
     * @see ExtendedSSLSession
     */
    public SecretKey exportKeyingMaterialKey(String keyAlg, String label, byte[] context, int length) throws SSLKeyException
    {
        return (SecretKey)export(EXPORT_KEY, keyAlg, label, context, length);
    }

    /**
     * The keying material exporter of RFC 8446 section 7.5, in a JDK that has it.
     *
     * @see ExtendedSSLSession
     */
    public byte[] exportKeyingMaterialData(String label, byte[] context, int length) throws SSLKeyException
    {
        return (byte[])export(EXPORT_DATA, label, context, length);
    }

    private Object export(MethodHandle exporter, Object... arguments) throws SSLKeyException
    {
        if (exporter == null || !(session instanceof ExtendedSSLSession))
        {
            throw new UnsupportedOperationException();
        }
        try
        {
            return exporter.bindTo(session).invokeWithArguments(arguments);
        }
        catch (SSLKeyException | RuntimeException | Error e)
        {
            throw e;
        }
        catch (Throwable e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @return the stable id once the handshake is complete; SunJSSE's own id changes with each ticket, or is the client's choice
     */
    @Override
    public byte[] getId()
    {
        return values.get(TlsSession.NAME) instanceof TlsSession known ? known.id().bytes() : session.getId();
    }

    @Override
    public SSLSessionContext getSessionContext()
    {
        return session.getSessionContext();
    }

    @Override
    public long getCreationTime()
    {
        return session.getCreationTime();
    }

    @Override
    public long getLastAccessedTime()
    {
        return session.getLastAccessedTime();
    }

    /**
     * Forgets the session: no ticket of it is good any more. Connections that are open go on, unless they are to end with their session.
     */
    @Override
    public void invalidate()
    {
        invalidation.run();
    }

    @Override
    public boolean isValid()
    {
        return session.isValid();
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
        if (name == null)
        {
            throw new IllegalArgumentException("name must not be null");
        }
        return values.get(name);
    }

    @Override
    public void removeValue(String name)
    {
        if (name == null)
        {
            throw new IllegalArgumentException("name must not be null");
        }
        if (!OURS.contains(name))
        {
            unbound(name, values.remove(name));
        }
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
        if (certificates.anonymousClient(session))
        {
            throw new NoClientCertificate();
        }
        return session.getPeerCertificates();
    }

    @Override
    public Certificate[] getLocalCertificates()
    {
        Optional<X509Certificate[]> known = certificates.local(session);
        return known.isPresent() ? known.get() : session.getLocalCertificates();
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException
    {
        if (certificates.anonymousClient(session))
        {
            throw new NoClientCertificate();
        }
        return session.getPeerPrincipal();
    }

    @Override
    public Principal getLocalPrincipal()
    {
        return certificates.local(session).<Principal>map(chain -> chain[0].getSubjectX500Principal())
            .orElseGet(session::getLocalPrincipal);
    }

    @Override
    public String getCipherSuite()
    {
        return session.getCipherSuite();
    }

    @Override
    public String getProtocol()
    {
        return session.getProtocol();
    }

    @Override
    public String getPeerHost()
    {
        return session.getPeerHost();
    }

    @Override
    public int getPeerPort()
    {
        return session.getPeerPort();
    }

    @Override
    public int getPacketBufferSize()
    {
        return session.getPacketBufferSize();
    }

    @Override
    public int getApplicationBufferSize()
    {
        return session.getApplicationBufferSize();
    }

    @Override
    public String[] getLocalSupportedSignatureAlgorithms()
    {
        return session instanceof ExtendedSSLSession extended ? extended.getLocalSupportedSignatureAlgorithms() : new String[0];
    }

    @Override
    public String[] getPeerSupportedSignatureAlgorithms()
    {
        return session instanceof ExtendedSSLSession extended ? extended.getPeerSupportedSignatureAlgorithms() : new String[0];
    }

    @Override
    public List<SNIServerName> getRequestedServerNames()
    {
        if (serverName != null)
        {
            return names(serverName);
        }
        return session instanceof ExtendedSSLSession extended ? extended.getRequestedServerNames() : List.of();
    }

    private static List<SNIServerName> names(String host)
    {
        try
        {
            return List.of(new SNIHostName(host));
        }
        catch (IllegalArgumentException e)
        {
            // What is no host name is left to SunJSSE to refuse, when it comes to that extension.
            return List.of();
        }
    }

    @Override
    public List<byte[]> getStatusResponses()
    {
        return session instanceof ExtendedSSLSession extended ? extended.getStatusResponses() : List.of();
    }

    @Override
    public boolean equals(Object other)
    {
        return other instanceof ResumptionSSLSession that && session.equals(that.session);
    }

    @Override
    public int hashCode()
    {
        return session.hashCode();
    }

    @Override
    public String toString()
    {
        return session.toString();
    }

    /**
     * Jetty asks each connection for certificates. Without a stack trace, which takes longer the deeper the stack is.
     */
    private static final class NoClientCertificate extends SSLPeerUnverifiedException
    {
        private static final long serialVersionUID = 1L;

        private NoClientCertificate()
        {
            super("the client was not asked for a certificate");
        }

        @Override
        public synchronized Throwable fillInStackTrace()
        {
            return this;
        }
    }
}
