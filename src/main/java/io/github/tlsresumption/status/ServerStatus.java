package io.github.tlsresumption.status;

import java.time.Instant;
import java.util.List;

/**
 * What is known of a server.
 *
 * @param node the name of its host
 * @param time when it was asked
 * @param connectors those that resume sessions by this module
 */
public record ServerStatus(String node, Instant time, List<ConnectorStatus> connectors)
{
    /**
     * Copies the list.
     */
    public ServerStatus
    {
        connectors = List.copyOf(connectors);
    }
}
