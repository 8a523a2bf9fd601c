package io.github.tlsresumption.admin;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.eclipse.jetty.server.Server;

/**
 * What does not change while a process runs.
 *
 * @param started when the process was started, where the system tells
 * @param versions of this module, Jetty and Java, by their names
 */
record ServerFacts(Optional<Instant> started, Map<String, String> versions)
{
    static ServerFacts ofThisProcess()
    {
        Map<String, String> versions = new LinkedHashMap<>();
        version().ifPresent(version -> versions.put("module", version));
        versions.put("jetty", Server.getVersion());
        versions.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"));
        return new ServerFacts(ProcessHandle.current().info().startInstant(), versions);
    }

    private static Optional<String> version()
    {
        // Of the jar as a module, or as a part of the class path.
        return Optional.ofNullable(AdminApi.class.getModule().getDescriptor()).flatMap(module -> module.rawVersion())
            .or(() -> Optional.ofNullable(AdminApi.class.getPackage().getImplementationVersion()));
    }
}
