package io.github.tlsresumption.it;

import java.util.Map;
import java.util.TreeMap;

/**
 * What was seen in each case of an attack suite, to be printed at its end.
 */
final class AttackTable
{
    private record Row(int number, String name, String protocols, String outcome, String counter, String seen)
    {
    }

    private final Map<Integer, Row> rows = new TreeMap<>();

    /**
     * @param number the number of the case
     * @param name its name
     * @param protocols the versions of TLS in which it was tried
     * @param outcome what the client meets
     * @param counter what the server counts
     * @param seen what was seen, in words and figures
     */
    synchronized void add(int number, String name, String protocols, String outcome, String counter, String seen)
    {
        rows.put(number, new Row(number, name, protocols, outcome, counter, seen));
    }

    @Override
    public synchronized String toString()
    {
        StringBuilder text = new StringBuilder(String.format("%n%2s | %-22s | %-9s | %-12s | %-28s | %s%n",
            "#", "case", "TLS", "outcome", "counter", "seen"));
        for (Row row : rows.values())
        {
            text.append(String.format("%2d | %-22s | %-9s | %-12s | %-28s | %s%n",
                row.number(), row.name(), row.protocols(), row.outcome(), row.counter(), row.seen()));
        }
        return text.append(rows.size()).append(" cases").append(System.lineSeparator()).toString();
    }
}
