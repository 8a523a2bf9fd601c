package io.github.tlsresumption.cli;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.github.tlsresumption.cli.Examination.Aging;
import io.github.tlsresumption.cli.Examination.Trial;
import io.github.tlsresumption.cli.tls.ClientSession;
import io.github.tlsresumption.cli.tls.Offer;
import io.github.tlsresumption.cli.tls.Outcome;
import io.github.tlsresumption.cli.tls.TlsClient;
import io.github.tlsresumption.cli.tls.TlsFailure;

/**
 * Looks how servers resume, by connecting to them: a full handshake for each question, and a second one that offers its session.
 */
final class Doctor
{
    /** Beyond the duration that is asked about, so that a server with a clock of whole seconds is not wronged. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Optional<String> host;
    private final String otherHost;
    private final ServerTrust trust;
    private final boolean insecure;
    private final boolean requests;
    private final Duration patience;
    private final Consumer<String> progress;
    private final Set<Node> mute = new HashSet<>();

    /**
     * @param host the name to use in place of the nodes' own
     * @param otherHost a name that no session was made for
     * @param trust whom to trust
     * @param insecure whether to go on without trust
     * @param requests whether to send a request, with whose answer some servers give tickets
     * @param patience for each answer
     * @param progress is told what is being done
     */
    Doctor(Optional<String> host, String otherHost, ServerTrust trust, boolean insecure, boolean requests, Duration patience,
        Consumer<String> progress)
    {
        this.host = host;
        this.otherHost = otherHost;
        this.trust = trust;
        this.insecure = insecure;
        this.requests = requests;
        this.patience = patience;
        this.progress = progress;
    }

    NodeReport examine(Node node)
    {
        Optional<String> serverName = serverName(node);
        Optional<X509Certificate> certificate = Optional.empty();
        Optional<String> fault = Optional.empty();
        List<Examination> examinations = new ArrayList<>();
        try
        {
            for (Variant variant : Variant.values())
            {
                progress.accept(node + ": " + variant);
                Outcome first;
                try
                {
                    first = connect(node, offer(node, variant));
                }
                catch (TlsFailure e)
                {
                    boolean supported = !e.saysNotSupported();
                    examinations.add(Examination.without(variant, supported, e.getMessage()));
                    continue;
                }
                if (certificate.isEmpty())
                {
                    certificate = Optional.of(first.chain().get(0));
                    fault = trust.fault(first.chain(), serverName.orElse(node.host()));
                    if (fault.isPresent() && !insecure)
                    {
                        return new NodeReport(node, serverName, Optional.of("its certificate is not trusted: " + fault.get()), certificate,
                            fault, List.of());
                    }
                }
                examinations.add(examine(node, variant, first));
            }
        }
        catch (IOException | CannotException e)
        {
            return new NodeReport(node, serverName, Optional.of(e.getMessage()), certificate, fault, List.of());
        }
        // One version that is not spoken is a setting; none is no server of TLS.
        Optional<String> none = certificate.isEmpty() ? examinations.get(0).failure() : Optional.empty();
        return new NodeReport(node, serverName, none, certificate, fault, none.isPresent() ? List.of() : examinations);
    }

    private Examination examine(Node node, Variant variant, Outcome first) throws IOException
    {
        Offer offer = offer(node, variant);
        Optional<ClientSession> session = first.session();
        Trial again = Trial.NOT_TRIED;
        Trial twice = Trial.NOT_TRIED;
        boolean renewed = false;
        Optional<String> how = Optional.empty();
        if (session.isPresent())
        {
            try
            {
                Outcome second = connect(node, offer.resuming(session.get()));
                again = second.resumed() ? Trial.RESUMED : Trial.FULL;
                how = second.resumed() ? Optional.of(second.how().toString()) : how;
                renewed = second.resumed() && !second.tickets().isEmpty();
                twice = trial(node, offer.resuming(session.get()));
            }
            catch (TlsFailure e)
            {
                again = Trial.FAILED;
            }
        }
        boolean resumes = again == Trial.RESUMED;
        boolean named = offer.serverName().isPresent();
        boolean sealed = session.flatMap(ClientSession::ticket).isPresent();
        return new Examination(variant, true, Optional.empty(), first.suite(), resumes, how,
            first.tickets().stream().map(ticket -> ticket.bytes().length).toList(),
            session.flatMap(ClientSession::ticket).map(ticket -> ticket.lifetime()), renewed, twice == Trial.RESUMED,
            resumes && named ? fresh(node, offer, offer.naming(Optional.empty()), node, false) : Trial.NOT_TRIED,
            resumes ? fresh(node, offer, offer.naming(Optional.of(otherHost)), node, false) : Trial.NOT_TRIED,
            resumes && sealed ? fresh(node, offer, offer, node, true) : Trial.NOT_TRIED, first.clientCertificate(), Optional.empty());
    }

    /*
     * A new session for each question, since some servers take a ticket once.
     */
    private Trial fresh(Node node, Offer first, Offer second, Node other, boolean tampered) throws IOException
    {
        Optional<ClientSession> session = connect(node, first).session();
        if (session.isEmpty())
        {
            return Trial.NOT_TRIED;
        }
        return trial(other, second.resuming(tampered ? session.get().tampered() : session.get()));
    }

    List<Crossing> cross(List<NodeReport> nodes)
    {
        List<Crossing> crossings = new ArrayList<>();
        for (NodeReport from : nodes)
        {
            for (NodeReport to : nodes)
            {
                for (Examination examination : from == to ? List.<Examination>of() : from.examinations())
                {
                    if (examination.resumes() && isSpoken(to, examination.variant()))
                    {
                        progress.accept(from.node() + " to " + to.node() + ": " + examination.variant());
                        Offer offer = offer(from.node(), examination.variant());
                        crossings.add(new Crossing(from.node(), to.node(), examination.variant(), crossed(from.node(), to.node(), offer)));
                    }
                }
            }
        }
        return crossings;
    }

    private Trial crossed(Node from, Node to, Offer offer)
    {
        try
        {
            return fresh(from, offer, offer, to, false);
        }
        catch (IOException e)
        {
            return Trial.FAILED;
        }
    }

    private static boolean isSpoken(NodeReport node, Variant variant)
    {
        return node.examinations().stream().anyMatch(examination -> examination.variant() == variant && examination.failure().isEmpty());
    }

    private final class Patient
    {
        private final NodeReport report;
        private final Examination examination;
        private final Offer offer;
        private ClientSession original;
        private ClientSession newest;
        private boolean resumedWithin;
        private long start;

        Patient(NodeReport report, Examination examination)
        {
            this.report = report;
            this.examination = examination;
            this.offer = offer(report.node(), examination.variant());
        }

        void begin() throws IOException
        {
            original = connect(report.node(), offer).session().orElse(null);
            newest = original;
            start = System.nanoTime();
        }

        void renew() throws IOException
        {
            if (original != null)
            {
                Outcome outcome = connect(report.node(), offer.resuming(original));
                resumedWithin = outcome.resumed();
                // A full handshake began another session, which is not the one that ages.
                newest = resumedWithin ? outcome.session().orElse(original) : original;
            }
        }

        Examination end(Duration duration)
        {
            await(start, duration.plus(GRACE));
            Trial first = original == null ? Trial.NOT_TRIED : trial(report.node(), offer.resuming(original));
            Trial last = newest == null ? Trial.NOT_TRIED : trial(report.node(), offer.resuming(newest));
            return examination.aged(new Aging(duration.toSeconds(), resumedWithin, first, last));
        }
    }

    /**
     * Waits, and offers each session at half of a duration and beyond it.
     */
    List<NodeReport> age(List<NodeReport> reports, Duration duration)
    {
        List<Patient> patients = reports.stream().flatMap(report -> report.examinations().stream().filter(Examination::resumes)
            .map(examination -> new Patient(report, examination))).toList();
        progress.accept("waiting for " + duration.plus(GRACE).toSeconds() + " s");
        try
        {
            for (Patient patient : patients)
            {
                patient.begin();
            }
            for (Patient patient : patients)
            {
                await(patient.start, duration.dividedBy(2));
                patient.renew();
            }
        }
        catch (IOException e)
        {
            throw new CannotException("while waiting, a server was lost: " + e.getMessage(), e);
        }
        List<Examination> aged = patients.stream().map(patient -> patient.end(duration)).toList();
        return reports.stream().map(report -> new NodeReport(report.node(), report.serverName(), report.unreachable(),
            report.certificate(), report.untrusted(), report.examinations().stream().map(examination ->
            {
                int index = patients.stream().filter(patient -> patient.examination == examination).map(patients::indexOf)
                    .findFirst().orElse(-1);
                return index < 0 ? examination : aged.get(index);
            }).toList())).toList();
    }

    private static void await(long start, Duration duration)
    {
        long left;
        while ((left = start + duration.toNanos() - System.nanoTime()) > 0)
        {
            LockSupport.parkNanos(left);
        }
    }

    private Trial trial(Node node, Offer offer)
    {
        try
        {
            return connect(node, offer).resumed() ? Trial.RESUMED : Trial.FULL;
        }
        catch (IOException e)
        {
            return Trial.FAILED;
        }
    }

    private Outcome connect(Node node, Offer offer) throws IOException
    {
        String named = offer.serverName().or(() -> serverName(node)).orElse(node.host());
        boolean asks = requests && !mute.contains(node);
        Outcome outcome = TlsClient.connect(node.address(), offer, asks ? Optional.of(named) : Optional.empty(), patience);
        if (asks && !outcome.answered())
        {
            // It speaks something else: no use in waiting for an answer thirty times.
            mute.add(node);
        }
        return outcome;
    }

    private Offer offer(Node node, Variant variant)
    {
        return new Offer(variant.protocol(), serverName(node), variant.tickets(), Optional.empty());
    }

    private Optional<String> serverName(Node node)
    {
        return host.or(node::serverName);
    }
}
