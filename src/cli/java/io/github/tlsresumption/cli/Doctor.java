package io.github.tlsresumption.cli;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import io.github.tlsresumption.cli.Examination.Demand;
import io.github.tlsresumption.cli.Examination.HostTrial;
import io.github.tlsresumption.cli.Examination.Trial;
import io.github.tlsresumption.cli.tls.ClientSession;
import io.github.tlsresumption.cli.tls.Offer;
import io.github.tlsresumption.cli.tls.Outcome;
import io.github.tlsresumption.cli.tls.TlsFailure;

/**
 * Looks how servers resume, by connecting to them: a full handshake for each question, and a second one that offers its session.
 */
final class Doctor
{
    /** How often a session is offered when the first was not resumed. */
    private static final int TRIES = 5;
    /** How often when nothing speaks for resumption. */
    private static final int TRIES_WHEN_OFF = 3;

    private final Prober prober;
    private final String otherHost;
    private final ServerTrust trust;
    private final boolean insecure;
    private final Consumer<String> progress;

    /**
     * @param prober connects
     * @param otherHost a name that no session was made for
     * @param trust whom to trust
     * @param insecure whether to go on without trust
     * @param progress is told what is being done
     */
    Doctor(Prober prober, String otherHost, ServerTrust trust, boolean insecure, Consumer<String> progress)
    {
        this.prober = prober;
        this.otherHost = otherHost;
        this.trust = trust;
        this.insecure = insecure;
        this.progress = progress;
    }

    /**
     * A session offered to the server that gave it.
     *
     * @param full the handshake that established it
     * @param second the handshake that offered it, unless there was no session or it failed
     * @param reusable whether the same ticket or id was taken again
     */
    private record Sample(Outcome full, Optional<Outcome> second, boolean reusable)
    {
        boolean resumed()
        {
            return second.filter(Outcome::resumed).isPresent();
        }

        boolean isSealed()
        {
            return full.tickets().stream().anyMatch(ticket -> !Examination.isName(ticket.bytes().length));
        }
    }

    NodeReport examine(Node node)
    {
        Optional<String> serverName = prober.serverName(node);
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
                    first = first(node, variant);
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

    /*
     * A server that has just started may be too slow for the very first.
     */
    private Outcome first(Node node, Variant variant) throws IOException
    {
        Offer offer = prober.offer(node, variant);
        try
        {
            return prober.connect(node, offer);
        }
        catch (TlsFailure e)
        {
            if (e.kind() != TlsFailure.Kind.TIMEOUT && e.kind() != TlsFailure.Kind.CLOSED)
            {
                throw e;
            }
            return prober.connect(node, offer);
        }
    }

    private Examination examine(Node node, Variant variant, Outcome first) throws IOException
    {
        Offer offer = prober.offer(node, variant);
        List<Sample> samples = new ArrayList<>(List.of(sample(node, offer, first)));
        while (isOpen(samples))
        {
            samples.add(sample(node, offer, prober.connect(node, offer)));
        }
        Optional<Sample> resumption = samples.stream().filter(Sample::resumed).findFirst();
        Tries tries = new Tries(samples.size(), (int)samples.stream().filter(Sample::resumed).count(), samples.get(0).resumed());
        // One with a ticket where some have none.
        Outcome full = resumption.or(() -> samples.stream().filter(sample -> !sample.full().tickets().isEmpty()).findFirst())
            .orElse(samples.get(0)).full();
        Optional<ClientSession> session = full.session();
        boolean resumes = resumption.isPresent();
        boolean named = offer.serverName().isPresent();
        boolean hasTicket = session.flatMap(ClientSession::ticket).isPresent();
        return new Examination(variant, true, Optional.empty(), full.suite(), tries,
            resumption.flatMap(Sample::second).map(second -> second.how().toString()),
            full.tickets().stream().map(ticket -> ticket.bytes().length).toList(),
            session.flatMap(ClientSession::ticket).map(ticket -> ticket.lifetime()),
            resumption.flatMap(Sample::second).filter(second -> !second.tickets().isEmpty()).isPresent(),
            resumes && isReusable(node, offer, resumption.get()),
            resumes && named ? elsewhere(node, offer, Optional.empty(), first) : HostTrial.NONE,
            resumes ? elsewhere(node, offer, Optional.of(otherHost), first) : HostTrial.NONE,
            resumes && hasTicket ? tampered(node, offer) : Trial.NOT_TRIED, first.clientCertificate(), Optional.empty());
    }

    /*
     * A server is not judged by one sample: it may be cold, or be several behind one address.
     */
    private static boolean isOpen(List<Sample> samples)
    {
        if (samples.get(0).resumed() || samples.size() >= TRIES)
        {
            return false;
        }
        return samples.size() < TRIES_WHEN_OFF || samples.stream().anyMatch(sample -> sample.resumed() || sample.isSealed());
    }

    private Sample sample(Node node, Offer offer, Outcome full) throws IOException
    {
        if (full.session().isEmpty())
        {
            return new Sample(full, Optional.empty(), false);
        }
        Offer second = offer.resuming(full.session().get());
        try
        {
            Outcome outcome = prober.connect(node, second);
            return new Sample(full, Optional.of(outcome), outcome.resumed() && prober.trial(node, second) == Trial.RESUMED);
        }
        catch (TlsFailure e)
        {
            return new Sample(full, Optional.empty(), false);
        }
    }

    private boolean isReusable(Node node, Offer offer, Sample sample) throws IOException
    {
        return sample.reusable() || sample(node, offer, prober.connect(node, offer)).reusable();
    }

    /*
     * A new session for each question, since some servers take a ticket once.
     */
    private HostTrial elsewhere(Node node, Offer offer, Optional<String> name, Outcome first) throws IOException
    {
        Optional<ClientSession> session = prober.connect(node, offer).session();
        if (session.isEmpty())
        {
            return HostTrial.NONE;
        }
        Offer other = offer.naming(name);
        Trial result = prober.trial(node, other.resuming(session.get()));
        return new HostTrial(result, result == Trial.RESUMED && !first.clientCertificate() ? demand(node, other) : Optional.empty());
    }

    /*
     * What a client without a session meets there, and one with a session has been spared.
     */
    private Optional<Demand> demand(Node node, Offer offer)
    {
        // An end by chance is no refusal.
        return isRefused(node, offer) && isRefused(node, offer) ? Optional.of(Demand.REFUSED) : asked(node, offer);
    }

    private boolean isRefused(Node node, Offer offer)
    {
        try
        {
            Outcome outcome = prober.connect(node, offer);
            return outcome.clientCertificate() && prober.asks(node) && !outcome.answered();
        }
        catch (IOException e)
        {
            return true;
        }
    }

    private Optional<Demand> asked(Node node, Offer offer)
    {
        try
        {
            return prober.connect(node, offer).clientCertificate() ? Optional.of(Demand.CERTIFICATE) : Optional.empty();
        }
        catch (IOException e)
        {
            return Optional.empty();
        }
    }

    private Trial tampered(Node node, Offer offer) throws IOException
    {
        Trial result = Trial.NOT_TRIED;
        // An end by chance is not held against the server.
        for (int i = 0; i < 2 && result != Trial.FULL && result != Trial.RESUMED; i++)
        {
            Optional<ClientSession> session = prober.connect(node, offer).session();
            result = session.isEmpty() ? Trial.NOT_TRIED : prober.tampered(node, offer, session.get());
        }
        return result;
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
                        crossings.add(new Crossing(from.node(), to.node(), examination.variant(),
                            crossed(from.node(), to.node(), examination.variant())));
                    }
                }
            }
        }
        return crossings;
    }

    private Trial crossed(Node from, Node to, Variant variant)
    {
        Trial first = crossedOnce(from, to, variant);
        // Few caches of session ids are shared: that is no finding to make sure of.
        if (first == Trial.RESUMED || variant == Variant.TLS12_IDS && first == Trial.FULL)
        {
            return first;
        }
        Trial second = crossedOnce(from, to, variant);
        return second == Trial.RESUMED ? crossedOnce(from, to, variant) : second;
    }

    private Trial crossedOnce(Node from, Node to, Variant variant)
    {
        Offer offer = prober.offer(from, variant);
        try
        {
            return prober.connect(from, offer).session().map(session -> prober.trial(to, offer.resuming(session)))
                .orElse(Trial.NOT_TRIED);
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
}
