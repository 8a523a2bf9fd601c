package io.github.tlsresumption;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.eclipse.jetty.logging.JettyLogger;
import org.eclipse.jetty.logging.StdErrAppender;
import org.slf4j.LoggerFactory;

/**
 * What is logged until it is closed, by all loggers.
 */
public final class CaughtLog implements AutoCloseable
{
    private final StdErrAppender appender = (StdErrAppender)((JettyLogger)LoggerFactory.getLogger(CaughtLog.class)).getAppender();
    private final PrintStream stream = appender.getStream();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    public CaughtLog()
    {
        appender.setStream(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    /**
     * @return the lines of warnings and errors so far
     */
    public List<String> warnings()
    {
        return lines("WARN|ERROR");
    }

    /**
     * @return the lines so far that are no warnings, nor for somebody who looks for a fault
     */
    public List<String> infos()
    {
        return lines("INFO");
    }

    private List<String> lines(String levels)
    {
        return log.toString(StandardCharsets.UTF_8).lines().filter(line -> line.matches(".*:(" + levels + ").*")).toList();
    }

    @Override
    public void close()
    {
        appender.setStream(stream);
    }
}
