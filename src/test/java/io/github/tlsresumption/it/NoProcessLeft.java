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
    private final Set<JettyProcess> before = new HashSet<>();

    @Override
    public void beforeEach(ExtensionContext context)
    {
        before.clear();
        before.addAll(JettyProcess.RUNNING);
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

    private static void failIfAny(Set<JettyProcess> allowed)
    {
        Set<JettyProcess> left = new HashSet<>(JettyProcess.RUNNING);
        left.removeAll(allowed);
        left.forEach(JettyProcess::kill);
        if (!left.isEmpty())
        {
            throw new AssertionError("left running: " + left);
        }
    }
}
