package io.github.tlsresumption;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import org.eclipse.jetty.jmx.MBeanContainer;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.annotation.ManagedOperation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Whatever is changed by JMX is in the log.
 */
class ChangesByJmxTest extends FactoryTestBase
{
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final Map<String, String> ARGUMENTS =
        Map.of("id", ID, "client", "192.0.2.1", "principal", "alice\nalias", "rule", "guests");
    private static final Map<String, String> WORDS = Map.of(
        "rotateTicketKeys", "the ticket keys were rotated",
        "dropTicketKeys", "the ticket keys were dropped",
        "reloadRules", "the rules were read again",
        "forgetSession", "session 0123456789abcdef... was forgotten",
        "forgetClient", "client 192.0.2.1 was forgotten",
        "forgetPrincipal", "user alice alias was forgotten",
        "forgetRule", "the clients of rule guests were forgotten",
        "forgetEveryone", "everyone was forgotten");

    private final MBeanServer jmx = MBeanServerFactory.newMBeanServer();
    private ResumptionSslContextFactory factory;
    private ObjectName name;

    @BeforeEach
    void start() throws Exception
    {
        factory = factory();
        factory.setScope("public");
        factory.setRulesFile(Files.writeString(directory.resolve("rules"), "guests network=192.0.2.0/24 mode=cache\n").toString());
        connector(factory);
        MBeanContainer container = new MBeanContainer(jmx);
        server.addBean(container);
        server.addEventListener(container);
        server.start();
        name = jmx.queryNames(new ObjectName("io.github.tlsresumption:type=resumptionsslcontextfactory,*"), null).iterator().next();
    }

    private static List<Method> operations()
    {
        return Stream.<Class<?>>iterate(ResumptionSslContextFactory.class,
            type -> type != null && type.getName().startsWith("io.github.tlsresumption."), Class::getSuperclass)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .filter(method -> method.isAnnotationPresent(ManagedOperation.class)).toList();
    }

    private List<String> invoke(String operation, MBeanOperationInfo known) throws JMException
    {
        Object[] arguments = Arrays.stream(known.getSignature()).map(parameter -> ARGUMENTS.get(parameter.getName())).toArray();
        String[] types = Arrays.stream(known.getSignature()).map(parameter -> parameter.getType()).toArray(String[]::new);
        try (CaughtLog log = new CaughtLog())
        {
            jmx.invoke(name, operation, arguments, types);
            return byJmx(log);
        }
    }

    private static List<String> byJmx(CaughtLog log)
    {
        return log.infos().stream().filter(line -> line.contains("by JMX")).toList();
    }

    /**
     * One that is added later is to get words of its own.
     */
    @Test
    void eachOperationWritesOneLineInWordsOfItsOwn() throws Exception
    {
        Map<String, MBeanOperationInfo> known = Arrays.stream(jmx.getMBeanInfo(name).getOperations())
            .collect(Collectors.toMap(MBeanOperationInfo::getName, operation -> operation, (one, other) -> one));
        assertEquals(WORDS.keySet(), operations().stream().map(Method::getName).collect(Collectors.toSet()));
        for (Method method : operations())
        {
            MBeanOperationInfo operation = known.get(method.getName());
            assertEquals(MBeanOperationInfo.ACTION, operation.getImpact(), method.getName());
            List<String> lines = invoke(method.getName(), operation);
            assertEquals(1, lines.size(), () -> method.getName() + ": " + lines);
            assertTrue(lines.get(0).endsWith(": Scope public: " + WORDS.get(method.getName()) + ", by JMX"), lines::toString);
            assertTrue(lines.get(0).contains(":INFO :igt.ResumptionSslContextFactory:"), lines::toString);
        }
    }

    @Test
    void operationsOfJettyThatChangeSomethingWriteALineToo() throws Exception
    {
        Set<String> ofJetty = Arrays.stream(jmx.getMBeanInfo(name).getOperations()).map(MBeanOperationInfo::getName)
            .filter(operation -> !WORDS.containsKey(operation)).collect(Collectors.toSet());
        assertEquals(Set.of("start", "stop", "destroy", "dump", "dumpStdErr"), ofJetty);
        for (String operation : List.of("stop", "start", "stop", "destroy"))
        {
            try (CaughtLog log = new CaughtLog())
            {
                jmx.invoke(name, operation, new Object[0], new String[0]);
                assertEquals(1, byJmx(log).size(), log.infos()::toString);
                assertTrue(byJmx(log).get(0).endsWith(": Scope public: operation " + operation + " was called, by JMX"),
                    byJmx(log)::toString);
            }
        }
    }

    @Test
    void whatCannotBeDoneIsALineToo() throws Exception
    {
        try (CaughtLog log = new CaughtLog())
        {
            assertThrows(JMException.class,
                () -> jmx.invoke(name, "forgetRule", new Object[]{"no one"}, new String[]{"java.lang.String"}));
            assertEquals(1, byJmx(log).size());
            assertTrue(byJmx(log).get(0).endsWith("the clients of rule no one were not forgotten, by JMX: there is no rule 'no one': use "
                + "[guests]"), byJmx(log)::toString);
        }
    }

    @Test
    void whatOthersHaveNotBeenToldYetIsDoneAllTheSame() throws Exception
    {
        server.stop();
        FailableLog forgetLog = new FailableLog();
        factory.setForgetLog(forgetLog);
        server.start();
        forgetLog.failing = true;
        try (CaughtLog log = new CaughtLog())
        {
            assertThrows(JMException.class, () -> jmx.invoke(name, "forgetEveryone", new Object[0], new String[0]));
            assertEquals(1, byJmx(log).size());
            assertTrue(byJmx(log).get(0).contains("everyone was forgotten, by JMX; other processes have not been told yet: "),
                byJmx(log)::toString);
        }
        forgetLog.failing = false;
    }

    /**
     * A log that fails when the test says.
     */
    private static final class FailableLog implements ForgetLog
    {
        private volatile boolean failing;

        @Override
        public void append(List<ForgetLogEntry> entries) throws IOException
        {
            if (failing)
            {
                throw new IOException("for a test");
            }
        }

        @Override
        public void read(Consumer<ForgetLogEntry> sink)
        {
            // Nobody else writes.
        }

        @Override
        public String describe()
        {
            return "a log";
        }

        @Override
        public void close()
        {
            // Holds nothing.
        }
    }

    @Test
    void eachAttributeThatCanBeSetWritesALineAndNoneOfOursCan() throws Exception
    {
        List<String> settable = Arrays.stream(jmx.getMBeanInfo(name).getAttributes()).filter(MBeanAttributeInfo::isWritable)
            .map(MBeanAttributeInfo::getName).toList();
        Set<String> ours = Stream.<Class<?>>iterate(ResumptionSslContextFactory.class,
            type -> type != null && type.getName().startsWith("io.github.tlsresumption."), Class::getSuperclass)
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
            .filter(method -> method.isAnnotationPresent(ManagedAttribute.class))
            .map(method -> attribute(method.getName())).collect(Collectors.toSet());
        assertTrue(ours.size() > 40, ours::toString);
        assertTrue(settable.stream().noneMatch(ours::contains), () -> settable + " of " + ours);
        assertFalse(settable.isEmpty());
        List<String> unsaid = new ArrayList<>();
        for (String attribute : settable)
        {
            Object value = jmx.getAttribute(name, attribute);
            try (CaughtLog log = new CaughtLog())
            {
                AttributeList list = new AttributeList(List.of(new Attribute(attribute, value)));
                jmx.setAttributes(name, list);
                if (byJmx(log).size() != 1 || !byJmx(log).get(0).contains("Scope public: attribute " + attribute + " was "))
                {
                    unsaid.add(attribute + byJmx(log));
                }
            }
        }
        assertEquals(List.of(), unsaid);
    }

    private static String attribute(String method)
    {
        String plain = method.replaceFirst("^(get|is)", "");
        return plain.substring(0, 1).toLowerCase(Locale.ROOT) + plain.substring(1);
    }

    @Test
    void toLookIsNoChange() throws Exception
    {
        try (CaughtLog log = new CaughtLog())
        {
            for (MBeanAttributeInfo attribute : jmx.getMBeanInfo(name).getAttributes())
            {
                if (attribute.isReadable())
                {
                    Optional.ofNullable(jmx.getAttribute(name, attribute.getName()));
                }
            }
            jmx.invoke(name, "dump", new Object[0], new String[0]);
            jmx.invoke(name, "dumpStdErr", new Object[0], new String[0]);
            assertEquals(List.of(), byJmx(log));
        }
    }
}
