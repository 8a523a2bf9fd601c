package io.github.tlsresumption.jsse;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has our security providers registered while the tests of a class run.
 */
final class SunJsseProviders implements BeforeAllCallback, AfterAllCallback
{
    @Override
    public void beforeAll(ExtensionContext context)
    {
        StekProvider.acquire();
    }

    @Override
    public void afterAll(ExtensionContext context)
    {
        StekProvider.release();
    }
}
