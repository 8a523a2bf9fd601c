package io.github.tlsresumption.it;

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a server running that it started, and a class that leaves one of its own.
 */
public final class NoProcessLeft implements BeforeEachCallback, AfterEachCallback, AfterAllCallback
{
    // A server that was there before may have been started again.
    private final Set<JettyBase> before = new HashSet<>();

    @Override
    public void beforeEach(ExtensionContext context)
    {
        before.clear();
        JettyProcess.RUNNING.forEach(process -> before.add(process.base()));
    }

    @Override
    public void afterEach(ExtensionContext context)
    {
        failIfAny(before);
    }

    @Override
    public void afterAll(ExtensionContext context)
    {
        failIfAny(Set.of());
    }

    private static void failIfAny(Set<JettyBase> allowed)
    {
        Set<JettyProcess> left = new HashSet<>(JettyProcess.RUNNING);
        left.removeIf(process -> allowed.contains(process.base()));
        left.forEach(JettyProcess::kill);
        if (!left.isEmpty())
        {
            throw new AssertionError("left running: " + left);
        }
    }
}
