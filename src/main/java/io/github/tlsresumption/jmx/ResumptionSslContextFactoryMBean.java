package io.github.tlsresumption.jmx;

import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import javax.management.Attribute;
import javax.management.AttributeNotFoundException;
import javax.management.MBeanException;
import javax.management.MBeanOperationInfo;
import javax.management.ReflectionException;

import io.github.tlsresumption.ChangeReport;
import io.github.tlsresumption.OperatorChange;
import io.github.tlsresumption.ResumptionSslContextFactory;
import org.eclipse.jetty.jmx.ObjectMBean;

/**
 * The MBean of a {@link ResumptionSslContextFactory}: whatever changes something by it is in the log. Jetty finds it by its name and
 * package. Thread-safe.
 */
public final class ResumptionSslContextFactoryMBean extends ObjectMBean
{
    /** Those of Jetty that change nothing, though they do not say so by their impact. */
    private static final Set<String> READING = Set.of("dump", "dumpStdErr");

    private final ChangeReport report = new ChangeReport("JMX");

    /**
     * @param managed a {@link ResumptionSslContextFactory}
     */
    public ResumptionSslContextFactoryMBean(Object managed)
    {
        super(managed);
    }

    @Override
    public Object invoke(String operation, Object[] arguments, String[] signature) throws MBeanException, ReflectionException
    {
        if (!isChange(operation))
        {
            return super.invoke(operation, arguments, signature);
        }
        String name = arguments == null || arguments.length == 0 ? "" : String.valueOf(arguments[0]);
        OperatorChange change = OperatorChange.of(operation, name)
            .orElseGet(() -> new OperatorChange("operation " + operation + " was", "called"));
        try
        {
            Object result = super.invoke(operation, arguments, signature);
            report.done(scope(), change);
            return result;
        }
        catch (MBeanException e)
        {
            if (e.getCause() instanceof IOException cause)
            {
                report.doneHere(scope(), change, message(cause));
            }
            else
            {
                report.notDone(scope(), change, message(e));
            }
            throw e;
        }
        catch (ReflectionException | RuntimeException e)
        {
            report.notDone(scope(), change, message(e));
            throw e;
        }
    }

    private boolean isChange(String operation)
    {
        return !READING.contains(operation) && Arrays.stream(getMBeanInfo().getOperations())
            .anyMatch(known -> known.getName().equals(operation) && known.getImpact() != MBeanOperationInfo.INFO);
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException, ReflectionException, MBeanException
    {
        // The value is shown where it cannot be a password.
        Object value = attribute.getValue();
        OperatorChange change = new OperatorChange("attribute " + attribute.getName() + " was",
            value instanceof Number || value instanceof Boolean ? "set to " + value : "set");
        try
        {
            super.setAttribute(attribute);
            report.done(scope(), change);
        }
        catch (AttributeNotFoundException | ReflectionException | MBeanException | RuntimeException e)
        {
            report.notDone(scope(), change, message(e));
            throw e;
        }
    }

    private String scope()
    {
        return ((ResumptionSslContextFactory)getManagedObject()).getScope();
    }

    private static String message(Exception thrown)
    {
        Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
        return String.valueOf(cause.getMessage());
    }
}
