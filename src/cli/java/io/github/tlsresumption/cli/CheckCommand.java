package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.net.IDN;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.github.tlsresumption.cli.tls.TlsClient;
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
    description = {"Connects to servers with TLS 1.3 and TLS 1.2, and shows whether, how and for how long they resume sessions. With "
        + "several nodes it also shows whether each resumes sessions of the others.", "Makes some thirty connections to each node."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:no problem was found", "1:a problem was found", "2:the command line is not valid",
        "3:a node could not be reached, or its certificate is not trusted"})
final class CheckCommand implements Callable<Integer>
{
    @Parameters(arity = "1..*", paramLabel = "HOST:PORT", description = "The nodes of one service, each by its own address; port 443 "
        + "when none is given.")
    private List<String> nodes;

    @Option(names = "--host", paramLabel = "NAME", description = "The host to name in the handshake (SNI) and in requests. Default: "
        + "each node's own name; none for an address.")
    private String host;

    @Option(names = "--other-host", paramLabel = "NAME", defaultValue = "other.invalid", description = "Another host, for which "
        + "sessions made for --host are offered. Default: ${DEFAULT-VALUE}. Best is one that asks for other client certificates.")
    private String otherHost;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "The maximum duration that sessions should have: waits for "
        + "that time and checks that they end then, although resumed in between.")
    private Long duration;

    @Option(names = "--ca", paramLabel = "FILE", description = "Certificates in PEM to trust instead of the JDK's.")
    private Path authorities;

    @Option(names = "--insecure", description = "Continue when the certificate is not trusted; the finding is still shown.")
    private boolean insecure;

    @Option(names = "--no-request", description = "Send no HTTP request. Some servers give their tickets only with a response.")
    private boolean noRequest;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "5", description = "How long to wait for each response. Default: "
        + "${DEFAULT-VALUE}.")
    private int timeout;

    @Option(names = "--must-resume", description = "Report resumption that is off as a problem too.")
    private boolean mustResume;

    @Option(names = "--watch", paramLabel = "SECONDS", description = "Repeat at this interval and show changes, until it is "
        + "interrupted or --rounds are over.")
    private Long watch;

    @Option(names = "--rounds", paramLabel = "N", description = "With --watch: end after this many rounds. The exit "
        + "code is that of the worst round.")
    private Integer rounds;

    @Mixin
    private Palette palette;

    @Mixin
    private Main.Format format;

    @Spec
    private CommandSpec spec;

    private Optional<String> named;
    private List<Node> parsed;

    @Override
    public Integer call()
    {
        validate();
        ServerTrust trust = ServerTrust.of(Optional.ofNullable(authorities));
        Terminal.Progress progress = new Terminal.Progress(spec.commandLine().getErr(), Terminal.isPresent());
        PrintWriter out = spec.commandLine().getOut();
        Watch changes = new Watch(out, palette, Clock.systemUTC());
        CheckResult before = null;
        int exit = Exit.WELL;
        int last = watch == null ? 1 : rounds == null ? Integer.MAX_VALUE : rounds;
        for (int round = 1; round <= last; round++)
        {
            CheckResult result = examine(trust, progress);
            progress.clear();
            exit = Math.max(exit, result.exit());
            if (format.json())
            {
                out.println(result.json());
                out.flush();
            }
            else if (before == null)
            {
                new CheckText(out, palette).print(result);
            }
            else
            {
                changes.compare(before, result);
            }
            before = result;
            if (round < last)
            {
                progress.show("examined " + round + (round == 1 ? " time" : " times") + ", next in " + watch + " s");
                pause();
            }
        }
        return exit;
    }

    private void validate()
    {
        between("--timeout", timeout, 1, 3_600);
        between("--duration", duration, 2, 604_800);
        between("--watch", watch, 1, 86_400);
        between("--rounds", rounds, 1, Integer.MAX_VALUE);
        if (rounds != null && watch == null)
        {
            throw wrong("--rounds needs --watch SECONDS");
        }
        if (Node.isAddress(otherHost) || host != null && Node.isAddress(host))
        {
            throw wrong((host != null && Node.isAddress(host) ? "--host" : "--other-host") + " is a name, not an address: give the address "
                + "as the node");
        }
        try
        {
            named = Optional.ofNullable(host).map(IDN::toASCII);
            parsed = nodes.stream().map(Node::parse).toList();
        }
        catch (IllegalArgumentException e)
        {
            throw wrong(e.getMessage());
        }
    }

    private void between(String option, Number value, long least, long most)
    {
        if (value != null && (value.longValue() < least || value.longValue() > most))
        {
            throw wrong(option + " is a number from " + least + " to " + most + ", not " + value);
        }
    }

    private ParameterException wrong(String message)
    {
        return new ParameterException(spec.commandLine(), message);
    }

    private CheckResult examine(ServerTrust trust, Terminal.Progress progress)
    {
        Prober prober = new Prober(named, !noRequest, Duration.ofSeconds(timeout), TlsClient::connect);
        Doctor doctor = new Doctor(prober, otherHost, trust, insecure, progress::show);
        List<NodeReport> reports = parsed.stream().map(doctor::examine).toList();
        List<Crossing> crossings = doctor.cross(reports);
        if (duration != null)
        {
            reports = new DurationProbe(prober, progress::show).age(reports, Duration.ofSeconds(duration));
        }
        return new CheckResult(reports, crossings, Diagnosis.of(reports, crossings, mustResume), prober.counts());
    }

    private void pause()
    {
        try
        {
            Thread.sleep(Duration.ofSeconds(watch).toMillis());
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new CannotException("interrupted", e);
        }
    }
}
