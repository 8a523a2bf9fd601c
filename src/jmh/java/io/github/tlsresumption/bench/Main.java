package io.github.tlsresumption.bench;

import java.util.List;

import io.github.tlsresumption.bench.Report.Options;
import io.github.tlsresumption.it.IdleBenchmark;
import io.github.tlsresumption.it.PairBenchmark;
import io.github.tlsresumption.it.ServerBenchmark;
import io.github.tlsresumption.it.ServerProfile;

/**
 * What {@code ./bench} runs.
 */
public final class Main
{
    private Main()
    {
    }

    /**
     * @param arguments the benchmark's name, then {@code --quick} or {@code --docs}
     * @throws Exception when it fails
     */
    public static void main(String[] arguments) throws Exception
    {
        List<String> all = List.of(arguments);
        Report report = new Report(new Options(all.contains("--quick"), all.contains("--docs")));
        switch (all.get(0))
        {
            case "micro" -> MicroBenchmark.run(report);
            case "server" -> ServerBenchmark.run(report);
            case "pair" -> PairBenchmark.run(report);
            case "profile" -> ServerProfile.run(report);
            case "idle" -> IdleBenchmark.run(report);
            case "growth" -> GrowthBenchmark.run(report);
            default -> throw new IllegalArgumentException("unknown benchmark " + all.get(0));
        }
    }
}
