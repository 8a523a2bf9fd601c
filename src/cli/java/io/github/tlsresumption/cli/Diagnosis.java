package io.github.tlsresumption.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.cli.Examination.Demand;
import io.github.tlsresumption.cli.Examination.HostTrial;
import io.github.tlsresumption.cli.Examination.Trial;
import io.github.tlsresumption.cli.Finding.Level;
import io.github.tlsresumption.cli.Finding.Place;

/**
 * What is to be said about what the {@link Doctor} saw. A pure function.
 */
final class Diagnosis
{
    private static final long WEEK = 604_800;

    private final List<Finding> findings = new ArrayList<>();
    private final boolean mustResume;

    private Diagnosis(boolean mustResume)
    {
        this.mustResume = mustResume;
    }

    /**
     * @param mustResume whether a server on which resumption is off has a problem
     */
    static List<Finding> of(List<NodeReport> reports, List<Crossing> crossings, boolean mustResume)
    {
        Diagnosis diagnosis = new Diagnosis(mustResume);
        reports.forEach(diagnosis::judge);
        diagnosis.judgeCrossings(crossings, reports);
        return diagnosis.findings.stream().sorted((one, other) -> one.level().compareTo(other.level())).toList();
    }

    private void judge(NodeReport report)
    {
        Place node = new Place(report.node().name(), Optional.empty());
        report.unreachable().ifPresent(failure -> add(Level.PROBLEM, node, "it could not be examined: " + failure,
            report.untrusted().isPresent() ? "fix the certificate, name its authority by --ca, or go on all the same by --insecure"
                : "is this the right host and port, and does TLS begin there with the first byte?"));
        if (report.unreachable().isEmpty())
        {
            report.untrusted().ifPresent(fault -> add(Level.WARNING, node, "its certificate is not trusted: " + fault,
                "it was examined all the same, as --insecure says"));
        }
        for (Examination examination : report.examinations())
        {
            judge(report, examination);
        }
        if (report.examinations().stream().anyMatch(Examination::clientCertificate))
        {
            add(Level.NOTE, node, "it asks for a client certificate, which this client does not have",
                "sessions with a client certificate were not examined");
        }
    }

    private void judge(NodeReport report, Examination seen)
    {
        Place where = new Place(report.node().name(), Optional.of(seen.variant()));
        if (seen.failure().isPresent())
        {
            add(seen.supported() ? Level.PROBLEM : Level.NOTE, where, seen.supported() ? "no handshake: " + seen.failure().get()
                : "not spoken here (" + seen.failure().get() + ")",
                seen.supported() ? "see the server's log" : "nothing, unless clients need it; this client offers ECDHE with AES-GCM or "
                    + "ChaCha20-Poly1305 only");
            return;
        }
        judgeResumption(where, report, seen);
        if (seen.resumes())
        {
            judgeHosts(where, report, seen);
            judgeTickets(where, seen);
            seen.duration().ifPresent(aging -> judge(where, aging));
        }
    }

    private void judgeResumption(Place where, NodeReport report, Examination seen)
    {
        Tries tries = seen.tries();
        switch (report.resumption(seen))
        {
            case ON ->
            {
            }
            case COLD -> add(Level.NOTE, where, "the first session was not resumed, the " + tries.resumed() + " after it were",
                "as by a server that has just started. If it is so each time, sessions are ready too late for a client that comes back "
                    + "at once");
            case UNSTEADY -> add(Level.PROBLEM, where, "resumption is a matter of luck: " + tries.resumed() + " of " + tries.made()
                + " sessions were resumed", "do several nodes without common ticket keys share this address? Examine each by its own. "
                    + "Or does a store of sessions answer too late?");
            case OFF -> judgeOff(where, report, seen);
            case BROKEN -> add(Level.PROBLEM, where, "no session is resumed" + (seen.isSealed() || seen.isName()
                ? ", though a ticket is given" : ", and no ticket given"), adviceOnBroken(seen));
        }
    }

    private void judgeOff(Place where, NodeReport report, Examination seen)
    {
        boolean minor = seen.variant() == Variant.TLS12_IDS && report.examinations().stream().anyMatch(Examination::resumes);
        if (minor)
        {
            add(Level.NOTE, where, "resumption is off for clients without tickets", "there is no cache of sessions here; few clients are "
                + "left that have no tickets");
            return;
        }
        add(mustResume ? Level.PROBLEM : Level.NOTE, where, "resumption is off", "each connection costs a full handshake. "
            + "If it should be on: turn on tickets or a cache; behind a balancer, examine each node by its own address");
    }

    private static String adviceOnBroken(Examination seen)
    {
        if (seen.isSealed() || seen.isName())
        {
            return "do several nodes without common ticket keys share this address? Or are keys or cache lost?";
        }
        return "clients that support tickets, nearly all, do a full handshake each time, only those without are resumed. A stock "
            + "Jetty does so with several certificates or hosts; its module tls-resumption does not";
    }

    private void judgeHosts(Place where, NodeReport report, Examination seen)
    {
        String own = report.serverName().map(name -> "a session of " + name).orElse("a session without a host");
        judgeBypass(where, own + " is resumed by a client that names no host, which without it ", seen.noHost());
        judgeBypass(where, own + " is resumed for another host, where a client without it ", seen.otherHost());
        if (seen.noHost().result() == Trial.RESUMED || seen.otherHost().result() == Trial.RESUMED)
        {
            add(Level.NOTE, where, "sessions are not bound to the host that they were made for",
                "usual with nginx, HAProxy and OpenSSL. It may hurt where hosts ask for client certificates differently: name such a "
                    + "host by --other-host");
        }
        if (seen.noHost().result() == Trial.FAILED)
        {
            add(Level.NOTE, where, "a client that names no host is turned away", "as a server may do that insists on a host");
        }
    }

    private void judgeBypass(Place where, String what, HostTrial trial)
    {
        trial.demand().ifPresent(demand -> add(demand == Demand.REFUSED ? Level.PROBLEM : Level.WARNING, where, what + demand,
            (demand == Demand.REFUSED ? "" : "unless the server refuses its requests all the same, ") + "resumption goes around what that "
                + "host asks for (CVE-2025-23419): give the hosts ticket keys and caches of their own, or turn tickets off"));
    }

    private void judgeTickets(Place where, Examination seen)
    {
        if (seen.tampered() == Trial.RESUMED)
        {
            add(Level.PROBLEM, where, "a ticket with a bit changed is taken",
                "its contents are not authenticated (RFC 5077 section 4): do not use this server's tickets");
        }
        if (seen.tampered() == Trial.FAILED)
        {
            add(Level.PROBLEM, where, "a ticket that cannot be opened ends the connection",
                "it should lead to a full handshake: clients with tickets of another server, or of old keys, are locked out");
        }
        seen.lifetimeHint().filter(seconds -> seconds > WEEK).ifPresent(seconds -> add(Level.WARNING, where,
            "clients are told that a ticket is good for " + seconds + " s",
            "RFC 8446 section 4.6.1 allows 604800 s, and clients keep to that; make the session timeout shorter"));
        if (seen.variant() == Variant.TLS12_TICKETS && seen.how().filter("ticket"::equals).isPresent() && !seen.isName())
        {
            add(Level.NOTE, where, "the ticket is large enough to hold the session",
                "if it does, whoever steals the server's ticket key decrypts recorded traffic of its sessions. Of this module's modes "
                    + "that holds for ticket, not for cache; from outside they look alike");
        }
        if (seen.isName())
        {
            add(Level.NOTE, where, "the ticket only names a session that the server keeps",
                "nodes that do not share that cache do not resume it, and it ends with the process");
        }
    }

    private void judge(Place where, Examination.Aging aging)
    {
        if (aging.renewedAfter() == Trial.RESUMED)
        {
            add(Level.PROBLEM, where, "a session that is resumed in between goes on after " + aging.seconds() + " s",
                "each resumption renews it, so that it never ends: set a maximum that counts from the full handshake");
        }
        if (aging.originalAfter() == Trial.RESUMED)
        {
            add(Level.PROBLEM, where, "a session is resumed after " + aging.seconds() + " s",
                "the server does not go by that duration: it is longer, or only told to clients");
        }
        if (!aging.resumedWithin())
        {
            add(Level.PROBLEM, where, "a session was not resumed after half of " + aging.seconds() + " s",
                "it ends before its time; on this node the duration is shorter, or its keys or its cache are lost");
        }
    }

    private void judgeCrossings(List<Crossing> crossings, List<NodeReport> reports)
    {
        for (Crossing crossing : crossings)
        {
            if (crossing.result() == Trial.RESUMED)
            {
                continue;
            }
            Place where = Place.between(crossing);
            if (crossing.result() != Trial.FULL)
            {
                add(Level.PROBLEM, where, "a session of the one could not be offered to the other", "is the other node up?");
            }
            else if (crossing.variant() == Variant.TLS12_IDS)
            {
                add(Level.NOTE, where, "sessions of clients without tickets stay on their node", "few clients are left that have none");
            }
            else
            {
                add(Level.PROBLEM, where, "a session of the one is not resumed by the other", isOffAtTheOther(crossing, reports)
                    ? "resumption is off at the other: give both the same settings"
                    : "they do not share ticket keys (or a cache), or differ in what sessions are bound to: JDK, certificate, client-auth "
                        + "setting, scope. Behind one address each change of node costs a full handshake");
            }
        }
    }

    private static boolean isOffAtTheOther(Crossing crossing, List<NodeReport> reports)
    {
        return reports.stream().filter(report -> report.node().equals(crossing.to())).anyMatch(report -> report.examinations().stream()
            .anyMatch(seen -> seen.variant() == crossing.variant() && report.resumption(seen) == Resumption.OFF));
    }

    private void add(Level level, Place where, String what, String advice)
    {
        findings.add(new Finding(level, where, what, advice));
    }
}
