package io.github.tlsresumption.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.github.tlsresumption.cli.Examination.Aging;
import io.github.tlsresumption.cli.Examination.Trial;
import io.github.tlsresumption.cli.tls.ClientSession;
import io.github.tlsresumption.cli.tls.Offer;
import io.github.tlsresumption.cli.tls.Outcome;

/**
 * Waits, and offers each session at half of a duration and beyond it.
 */
final class DurationProbe
{
    /** Beyond the duration that is asked about, so that a server with a clock of whole seconds is not wronged. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Prober prober;
    private final Consumer<String> progress;

    DurationProbe(Prober prober, Consumer<String> progress)
    {
        this.prober = prober;
        this.progress = progress;
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
            this.offer = prober.offer(report.node(), examination.variant());
        }

        void begin() throws IOException
        {
            Optional<ClientSession> given = prober.connect(report.node(), offer).session();
            // The first connection to a cold server may get none.
            original = given.isPresent() ? given.get() : prober.connect(report.node(), offer).session().orElse(null);
            newest = original;
            start = System.nanoTime();
        }

        void renew() throws IOException
        {
            if (original != null)
            {
                Outcome outcome = prober.connect(report.node(), offer.resuming(original));
                resumedWithin = outcome.resumed();
                // A full handshake began another session, which is not the one that ages.
                newest = resumedWithin ? outcome.session().orElse(original) : original;
            }
        }

        Examination end(Duration duration)
        {
            await(start, duration.plus(GRACE));
            Trial first = original == null ? Trial.NOT_TRIED : prober.trial(report.node(), offer.resuming(original));
            Trial last = newest == null ? Trial.NOT_TRIED : prober.trial(report.node(), offer.resuming(newest));
            return examination.aged(new Aging(duration.toSeconds(), resumedWithin, first, last));
        }
    }

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
}
