package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.Query;
import javax.management.QueryExp;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

import com.sun.tools.attach.VirtualMachine;

/**
 * What an operator does by JMX. The server needs Jetty's module {@code jmx}.
 */
final class Jmx implements AutoCloseable
{
    private final JMXConnector connector;
    private final MBeanServerConnection server;
    private final List<ObjectName> factories;

    private Jmx(JMXConnector connector, QueryExp which) throws Exception
    {
        this.connector = connector;
        this.server = connector.getMBeanServerConnection();
        Set<ObjectName> names = server.queryNames(new ObjectName("io.github.tlsresumption:type=resumptionsslcontextfactory,*"), which);
        if (names.isEmpty())
        {
            throw new AssertionError("no factory of ours");
        }
        this.factories = List.copyOf(names);
    }

    /**
     * @param jetty a server with factories of ours
     * @return a connection to its MBeans
     */
    static Jmx connect(JettyProcess jetty)
    {
        return connect(jetty, (QueryExp)null);
    }

    /**
     * @param jetty a server with several factories of ours
     * @param scope that of one of them
     * @return a connection to the MBean of that one
     */
    static Jmx connect(JettyProcess jetty, String scope)
    {
        return connect(jetty, Query.eq(Query.attr("scope"), Query.value(scope)));
    }

    private static Jmx connect(JettyProcess jetty, QueryExp which)
    {
        try
        {
            VirtualMachine machine = VirtualMachine.attach(String.valueOf(jetty.serverPid()));
            try
            {
                return new Jmx(JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent())), which);
            }
            finally
            {
                machine.detach();
            }
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * @param name an attribute of the factory
     * @return its value
     */
    Object attribute(String name)
    {
        try
        {
            return server.getAttribute(factory(), name);
        }
        catch (Exception e)
        {
            throw new AssertionError(name, e);
        }
    }

    /**
     * @param pattern of the name of one bean
     * @param name an attribute of it
     * @return its value
     */
    Object attribute(String pattern, String name)
    {
        try
        {
            Set<ObjectName> found = server.queryNames(new ObjectName(pattern), null);
            if (found.size() != 1)
            {
                throw new AssertionError(pattern + ": " + found);
            }
            return server.getAttribute(found.iterator().next(), name);
        }
        catch (JMException | IOException e)
        {
            throw new AssertionError(name, e);
        }
    }

    private ObjectName factory()
    {
        if (factories.size() != 1)
        {
            throw new AssertionError("factories: " + factories);
        }
        return factories.get(0);
    }

    /**
     * @param attribute an attribute that is a map with counts
     * @param key a key of it
     * @return the count
     */
    long count(String attribute, String key)
    {
        return counts(attribute).get(key);
    }

    /**
     * @param attribute an attribute that is a map with counts
     * @return the counts, each the sum over all factories
     */
    Map<String, Long> counts(String attribute)
    {
        Map<String, Long> sum = new TreeMap<>();
        for (ObjectName each : factories)
        {
            try
            {
                ((Map<?, ?>)server.getAttribute(each, attribute)).forEach((key, count) ->
                    sum.merge((String)key, (Long)count, Long::sum));
            }
            catch (Exception e)
            {
                throw new AssertionError(attribute, e);
            }
        }
        return sum;
    }

    /**
     * @param bean the name of an MXBean of the JVM
     * @param attribute an attribute of it
     * @return its value
     */
    Object jvm(String bean, String attribute)
    {
        try
        {
            return server.getAttribute(new ObjectName(bean), attribute);
        }
        catch (Exception e)
        {
            throw new AssertionError(attribute, e);
        }
    }

    /**
     * @param file where the JVM is to write all objects that can be reached
     */
    void dumpHeap(Path file)
    {
        try
        {
            server.invoke(new ObjectName("com.sun.management:type=HotSpotDiagnostic"), "dumpHeap", new Object[]{file.toString(), true},
                new String[]{"java.lang.String", "boolean"});
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * Has the JVM collect its garbage.
     */
    void collectGarbage()
    {
        try
        {
            server.invoke(new ObjectName("java.lang:type=Memory"), "gc", new Object[0], new String[0]);
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * @param operation an operation of the factory
     * @param arguments texts
     * @throws Exception what it throws
     */
    void invoke(String operation, String... arguments) throws Exception
    {
        String[] types = Collections.nCopies(arguments.length, String.class.getName()).toArray(String[]::new);
        try
        {
            server.invoke(factory(), operation, Arrays.copyOf(arguments, arguments.length, Object[].class), types);
        }
        catch (JMException | JMRuntimeException e)
        {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /**
     * @return every attribute of every MBean of Jetty and of ours that can be read, with its value in words
     */
    String everything()
    {
        StringBuilder text = new StringBuilder();
        try
        {
            for (ObjectName name : new TreeSet<>(server.queryNames(null, null)))
            {
                if (name.getDomain().startsWith("java.") || name.getDomain().startsWith("com.sun."))
                {
                    continue;
                }
                for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes())
                {
                    text.append(name).append(' ').append(attribute.getName()).append('=').append(readable(name, attribute.getName()))
                        .append('\n');
                }
            }
            return text.toString();
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    private String readable(ObjectName name, String attribute)
    {
        try
        {
            Object value = server.getAttribute(name, attribute);
            return Arrays.deepToString(new Object[]{value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value});
        }
        catch (Exception e)
        {
            return e.toString();
        }
    }

    @Override
    public void close()
    {
        try
        {
            connector.close();
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }
}
