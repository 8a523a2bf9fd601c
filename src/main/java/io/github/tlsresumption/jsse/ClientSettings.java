package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import javax.net.ssl.SSLEngine;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the client of a handshake in memory offer what the server takes. System properties about the clients of a JVM, such as
 * {@code jdk.tls.client.cipherSuites}, are meant for its connections to other servers, and might leave nothing in common with ours.
 */
final class ClientSettings
{
    private static final Logger LOG = LoggerFactory.getLogger(ClientSettings.class);

    private ClientSettings()
    {
    }

    /**
     * @param client an engine in client mode
     * @param server an engine in server mode
     * @param protocol that the client is to offer
     */
    static void follow(SSLEngine client, SSLEngine server, String protocol)
    {
        client.setEnabledProtocols(new String[]{protocol});
        client.setEnabledCipherSuites(server.getEnabledCipherSuites());
        try
        {
            Object own = configuration(client);
            // JDK 17 has no interface for this. Where the field is closed to us, the setting of the JVM holds.
            Field schemes = field(own, "signatureSchemes");
            schemes.set(own, schemes.get(configuration(server)));
        }
        catch (ReflectiveOperationException | InaccessibleObjectException e)
        {
            LOG.debug("the client of a handshake in memory has the JVM's signature schemes", e);
        }
    }

    private static Object configuration(SSLEngine engine) throws ReflectiveOperationException
    {
        SSLEngine plain = engine instanceof ResumptionSSLEngine ours ? ours.delegate() : engine;
        Object transport = field(plain, "conContext").get(plain);
        return field(transport, "sslConfig").get(transport);
    }

    private static Field field(Object owner, String name) throws ReflectiveOperationException
    {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
