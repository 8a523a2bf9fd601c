package io.github.tlsresumption.demo.cluster;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

import com.sun.tools.attach.VirtualMachine;

/**
 * A Jetty of the cluster, and what an operator does with it over JMX.
 */
final class Node extends Child
{
    private static final String FACTORY = "io.github.tlsresumption:type=resumptionsslcontextfactory,*";
    private static final long PAUSE_MILLIS = 20;
    private static final int DRAIN_ATTEMPTS = 250;

    private final AtomicInteger served = new AtomicInteger();
    private int open;
    private boolean drained;

    Node(int number, int port, Path command, Path log)
    {
        super("node " + number, port, List.of(command.toString()), log);
    }

    /**
     * For the balancer.
     *
     * @return whether it may have one more connection
     */
    synchronized boolean enter()
    {
        if (drained)
        {
            return false;
        }
        open++;
        return true;
    }

    synchronized void leave()
    {
        open--;
    }

    void served()
    {
        served.incrementAndGet();
    }

    /**
     * @return how many connections it has had since the last call
     */
    int servedSince()
    {
        return served.getAndSet(0);
    }

    /**
     * Takes it out of the balancer and waits for its connections, for five seconds at the most.
     */
    void drain() throws InterruptedException
    {
        setDrained(true);
        for (int i = 0; i < DRAIN_ATTEMPTS && openConnections() > 0; i++)
        {
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    synchronized void setDrained(boolean isDrained)
    {
        drained = isDrained;
    }

    private synchronized int openConnections()
    {
        return open;
    }

    /**
     * Calls an operation without parameters.
     *
     * @param operation of the ResumptionSslContextFactory
     */
    void invoke(String operation) throws Exception
    {
        withFactory((server, factory) -> server.invoke(factory, operation, null, null));
    }

    /**
     * @param attribute of the ResumptionSslContextFactory, which is a map
     */
    Map<?, ?> map(String attribute) throws Exception
    {
        Object value = withFactory((server, factory) -> server.getAttribute(factory, attribute));
        return value instanceof Map<?, ?> map ? map : Collections.emptyMap();
    }

    private interface Call
    {
        Object on(MBeanServerConnection server, ObjectName factory) throws Exception;
    }

    private Object withFactory(Call call) throws Exception
    {
        if (!isAlive())
        {
            throw new JMException(name() + " does not run");
        }
        VirtualMachine machine = VirtualMachine.attach(Long.toString(pid()));
        JMXServiceURL url;
        try
        {
            url = new JMXServiceURL(machine.startLocalManagementAgent());
        }
        finally
        {
            machine.detach();
        }
        try (JMXConnector connector = JMXConnectorFactory.connect(url))
        {
            MBeanServerConnection server = connector.getMBeanServerConnection();
            Set<ObjectName> names = server.queryNames(new ObjectName(FACTORY), null);
            if (names.isEmpty())
            {
                throw new JMException(name() + " has not started yet");
            }
            return call.on(server, names.iterator().next());
        }
    }
}
