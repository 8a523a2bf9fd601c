package io.github.tlsresumption.demo;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The connectors of {@code ./demo}, whose pages may read each other: those of the same host on one of some ports.
 *
 * @param ports theirs; none where nobody says so, as on a server that merely has the application
 */
record DemoConnectors(List<Integer> ports)
{
    /** Names and addresses; whatever else a client calls its host does not get into a header or a page's address. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]");

    /**
     * @param setting ports with commas between them, or null
     */
    static DemoConnectors of(String setting)
    {
        return new DemoConnectors(setting == null || setting.isBlank() ? List.of()
            : Arrays.stream(setting.split(",")).map(String::strip).map(Integer::valueOf).toList());
    }

    /**
     * @return the origin of the connector that is not asked, if there is one
     */
    Optional<String> other(HttpServletRequest request)
    {
        int port = request.getServerPort();
        if (!ports.contains(port) || !HOST.matcher(request.getServerName()).matches())
        {
            return Optional.empty();
        }
        return ports.stream().filter(one -> one != port).findFirst().map(one -> "https://" + request.getServerName() + ":" + one);
    }
}
