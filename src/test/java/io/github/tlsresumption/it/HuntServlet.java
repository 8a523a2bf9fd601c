package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.net.ssl.SSLSession;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * An application that prints all that it gets hold of by what is meant for applications: names of classes, JCA, attributes, the TLS
 * session, JMX, system properties. It is deployed by itself, so it uses nothing but the Servlet API.
 */
public final class HuntServlet extends HttpServlet
{
    private static final long serialVersionUID = 1L;
    private static final String GCM = "AES/GCM/NoPadding";
    private static final List<String> CLASSES = List.of("io.github.tlsresumption.Scope", "io.github.tlsresumption.keys.TicketKeyRing",
        "io.github.tlsresumption.jsse.StekProvider", "io.github.tlsresumption.accp.NativeCryptography",
        "com.github.benmanes.caffeine.cache.Caffeine", "org.bouncycastle.crypto.params.Argon2Parameters",
        "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider", "org.conscrypt.Conscrypt");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException
    {
        response.setContentType("text/plain");
        PrintWriter out = response.getWriter();
        classes(out);
        for (Provider provider : Security.getProviders())
        {
            if (provider.getName().startsWith("TlsResumption") || provider.getName().startsWith("Native"))
            {
                provider(out, provider);
            }
        }
        attributes(out, request);
        jmx(out);
        out.println("properties: " + System.getProperties());
        out.println("arguments: " + ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    private static void classes(PrintWriter out)
    {
        ClassLoader[] loaders = {HuntServlet.class.getClassLoader(), Thread.currentThread().getContextClassLoader()};
        for (String name : CLASSES)
        {
            for (ClassLoader loader : loaders)
            {
                try
                {
                    out.println("loaded: " + loader.loadClass(name));
                }
                catch (ClassNotFoundException e)
                {
                    out.println("hidden: " + name);
                }
                if (loader.getResource(name.replace('.', '/') + ".class") != null)
                {
                    out.println("loaded: the code of " + name);
                }
            }
        }
    }

    private static void provider(PrintWriter out, Provider provider)
    {
        out.println("provider: " + provider + " " + provider.getInfo());
        provider.forEach((name, value) -> out.println("property: " + name + "=" + value));
        for (Provider.Service service : provider.getServices())
        {
            out.println("service: " + provider.getName() + " " + service.getType() + "." + service.getAlgorithm());
            try
            {
                use(out, provider, service);
            }
            catch (GeneralSecurityException | IOException | RuntimeException e)
            {
                out.println("refused: " + e);
            }
        }
    }

    private static void use(PrintWriter out, Provider provider, Provider.Service service) throws GeneralSecurityException, IOException
    {
        switch (service.getType())
        {
            case "KeyGenerator" -> key(out, KeyGenerator.getInstance(service.getAlgorithm(), provider).generateKey());
            case "KeyStore" ->
            {
                KeyStore store = KeyStore.getInstance(service.getAlgorithm(), provider);
                store.load(null, null);
                out.println("aliases: " + Collections.list(store.aliases()));
            }
            case "Cipher" ->
            {
                Cipher cipher = Cipher.getInstance(service.getAlgorithm(), provider);
                if (provider.getName().startsWith("TlsResumption"))
                {
                    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(new byte[32], "AES"), new GCMParameterSpec(128, new byte[12]));
                    out.println("opened by " + provider);
                }
            }
            default -> out.println(service.newInstance(null));
        }
    }

    private static void key(PrintWriter out, Key key)
    {
        out.println("key: " + key + " " + key.getClass() + " "
            + (key.getEncoded() == null ? "none" : HexFormat.of().formatHex(key.getEncoded())));
    }

    private static void attributes(PrintWriter out, HttpServletRequest request)
    {
        for (String name : Collections.list(request.getAttributeNames()))
        {
            Object value = request.getAttribute(name);
            out.println("attribute: " + name + "=" + text(value));
            if (value instanceof SSLSession session)
            {
                session(out, session);
            }
        }
        for (String name : Collections.list(request.getServletContext().getAttributeNames()))
        {
            out.println("context: " + name + "=" + text(request.getServletContext().getAttribute(name)));
        }
    }

    private static void session(PrintWriter out, SSLSession session)
    {
        for (String name : session.getValueNames())
        {
            out.println("value: " + name + "=" + text(session.getValue(name)));
        }
    }

    private static void jmx(PrintWriter out)
    {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName bean : server.queryNames(null, null))
        {
            try
            {
                for (MBeanAttributeInfo attribute : server.getMBeanInfo(bean).getAttributes())
                {
                    out.println("bean: " + bean + " " + attribute.getName() + "=" + attribute(server, bean, attribute));
                }
            }
            catch (JMException e)
            {
                out.println("bean: " + bean + " " + e);
            }
        }
    }

    private static String attribute(MBeanServer server, ObjectName bean, MBeanAttributeInfo attribute)
    {
        try
        {
            return text(server.getAttribute(bean, attribute.getName()));
        }
        catch (JMException | RuntimeException e)
        {
            return "";
        }
    }

    private static String text(Object value)
    {
        if (value instanceof byte[] bytes)
        {
            return HexFormat.of().formatHex(bytes);
        }
        if (value == null || !value.getClass().isArray())
        {
            return String.valueOf(value);
        }
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < Array.getLength(value); i++)
        {
            all.append(text(Array.get(value, i))).append(' ');
        }
        return all.toString();
    }
}
