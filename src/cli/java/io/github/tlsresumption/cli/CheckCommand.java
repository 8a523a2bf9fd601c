package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.net.IDN;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.github.tlsresumption.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Tells how servers resume sessions, and what is wrong with that.
 */
@Command(name = "check", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Connects to servers as TLS 1.3 and TLS 1.2, and tells whether, how and for how long they resume sessions; of several "
        + "nodes also, whether each resumes sessions of the others.", "Makes some thirty connections to each node."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:no problem was found", "1:a problem was found", "2:the command line is not understood",
        "3:a node could not be reached, or its certificate is not trusted"})
final class CheckCommand implements Callable<Integer>
{
    @Parameters(arity = "1..*", paramLabel = "HOST:PORT", description = "The nodes of one service, each by its own address; port 443 "
        + "when none is given.")
    private List<String> nodes;

    @Option(names = "--host", paramLabel = "NAME", description = "The host to name in the handshake (SNI) and in requests. Default: "
        + "each node's own name; none for an address.")
    private String host;

    @Option(names = "--other-host", paramLabel = "NAME", defaultValue = "other.invalid", description = "The host for which the sessions "
        + "must not be resumed. Default: ${DEFAULT-VALUE}; best another host that the server has.")
    private String otherHost;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "The maximum duration that sessions should have: waits for so "
        + "long and tells whether they end then, though resumed in between.")
    private Long duration;

    @Option(names = "--ca", paramLabel = "FILE", description = "Certificates in PEM to trust in place of the JDK's.")
    private Path authorities;

    @Option(names = "--insecure", description = "Go on when the certificate is not trusted; it is said all the same.")
    private boolean insecure;

    @Option(names = "--no-request", description = "Send no HTTP request. Some servers give their tickets only with an answer.")
    private boolean noRequest;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "5", description = "How long to wait for each answer. Default: "
        + "${DEFAULT-VALUE}.")
    private int timeout;

    @Mixin
    private Main.Format format;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call()
    {
        if (timeout < 1 || timeout > 3_600 || duration != null && (duration < 2 || duration > 604_800))
        {
            throw new ParameterException(spec.commandLine(), "--timeout is 1 to 3600 s, --duration 2 to 604800 s");
        }
        if (Node.isAddress(otherHost) || host != null && Node.isAddress(host))
        {
            throw new ParameterException(spec.commandLine(), "--host and --other-host are names, not addresses");
        }
        List<Node> parsed;
        Optional<String> named;
        try
        {
            named = Optional.ofNullable(host).map(IDN::toASCII);
            parsed = nodes.stream().map(Node::parse).toList();
        }
        catch (IllegalArgumentException e)
        {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        PrintWriter err = spec.commandLine().getErr();
        Doctor doctor = new Doctor(named, otherHost, ServerTrust.of(Optional.ofNullable(authorities)), insecure,
            !noRequest, Duration.ofSeconds(timeout), System.console() == null ? text ->
            {
            } : err::println);
        List<NodeReport> reports = parsed.stream().map(doctor::examine).toList();
        List<Crossing> crossings = doctor.cross(reports);
        if (duration != null)
        {
            reports = doctor.age(reports, Duration.ofSeconds(duration));
        }
        List<Finding> findings = Diagnosis.of(reports, crossings);
        PrintWriter out = spec.commandLine().getOut();
        if (format.json())
        {
            out.println(json(reports, crossings, findings));
        }
        else
        {
            print(out, reports, crossings, findings);
        }
        out.flush();
        if (reports.stream().anyMatch(report -> report.unreachable().isPresent()))
        {
            return Exit.CANNOT;
        }
        return isWell(findings) ? Exit.WELL : Exit.WRONG;
    }

    private static boolean isWell(List<Finding> findings)
    {
        return findings.stream().noneMatch(finding -> finding.level() == Finding.Level.PROBLEM);
    }

    private static JsonObject json(List<NodeReport> reports, List<Crossing> crossings, List<Finding> findings)
    {
        return new JsonObject().with("well", isWell(findings))
            .with("nodes", reports.stream().map(NodeReport::json).toList())
            .with("crossings", crossings.stream().map(Crossing::json).toList())
            .with("findings", findings.stream().map(Finding::json).toList());
    }

    private static void print(PrintWriter out, List<NodeReport> reports, List<Crossing> crossings, List<Finding> findings)
    {
        for (NodeReport report : reports)
        {
            out.println(report.node() + report.serverName().map(name -> ", host " + name).orElse(", no host named"));
            report.unreachable().ifPresent(failure -> out.println("  " + failure));
            report.certificate().ifPresent(own -> out.printf("  %-24s %s, until %s, %s%n", "certificate",
                own.getSubjectX500Principal().getName(), own.getNotAfter().toInstant(),
                report.untrusted().map(fault -> "NOT trusted").orElse("trusted")));
            report.examinations().forEach(seen -> out.printf("  %-24s %s%n", seen.variant(), seen.sentence()));
        }
        if (!crossings.isEmpty())
        {
            out.println("From node to node");
            crossings.forEach(crossing -> out.printf("  %s to %s, %s: %s%n", crossing.from(), crossing.to(), crossing.variant(),
                crossing.result()));
        }
        out.println(findings.isEmpty() ? "Nothing to remark." : "Findings");
        Map<Finding, List<String>> places = new LinkedHashMap<>();
        findings.forEach(finding -> places.computeIfAbsent(finding.anywhere(), key -> new ArrayList<>()).add(finding.where()));
        places.forEach((finding, where) ->
        {
            out.println("  " + finding.level() + " " + finding.what());
            out.println("    " + finding.advice());
            where.forEach(place -> out.println("    at " + place));
        });
    }
}
