package io.github.tlsresumption.it;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import io.github.tlsresumption.it.KeyMaterial.Algorithm;

/**
 * A kind of connection that is asked of every server.
 *
 * @param protocol as JSSE names it
 * @param key of the server's certificate
 * @param resumed whether its handshake is a resumption
 */
record ConnectionTask(String protocol, Algorithm key, boolean resumed)
{
    /**
     * @return all, or those in whose titles the pattern of the system property {@code bench.tasks} is found
     */
    static List<ConnectionTask> all()
    {
        Pattern wanted = Pattern.compile(System.getProperty("bench.tasks", ""));
        List<ConnectionTask> tasks = new ArrayList<>();
        for (String protocol : List.of(ModuleBase.TLS13, ModuleBase.TLS12))
        {
            for (Algorithm key : List.of(Algorithm.EC, Algorithm.RSA))
            {
                tasks.add(new ConnectionTask(protocol, key, false));
                tasks.add(new ConnectionTask(protocol, key, true));
            }
        }
        return tasks.stream().filter(task -> wanted.matcher(task.title()).find()).toList();
    }

    String title()
    {
        return (protocol.equals(ModuleBase.TLS13) ? "TLS 1.3" : "TLS 1.2") + ", " + (key == Algorithm.EC ? "P-256" : "RSA-2048")
            + (resumed ? ", resumed" : ", full");
    }
}
