package io.github.tlsresumption.cli;

import java.util.ArrayList;
import java.util.List;

import io.github.tlsresumption.cli.Examination.Trial;
import io.github.tlsresumption.cli.Finding.Level;
import io.github.tlsresumption.cli.tls.Protocol;

/**
 * What is to be said about what the {@link Doctor} saw. A pure function.
 */
final class Diagnosis
{
    private static final long WEEK = 604_800;

    private final List<Finding> findings = new ArrayList<>();

    private Diagnosis()
    {
    }

    static List<Finding> of(List<NodeReport> reports, List<Crossing> crossings)
    {
        Diagnosis diagnosis = new Diagnosis();
        reports.forEach(diagnosis::judge);
        diagnosis.judgeCrossings(crossings);
        return diagnosis.findings.stream().sorted((one, other) -> one.level().compareTo(other.level())).toList();
    }

    private void judge(NodeReport report)
    {
        String node = report.node().name();
        report.unreachable().ifPresent(failure -> add(Level.PROBLEM, node, "it could not be looked at: " + failure,
            report.untrusted().isPresent() ? "mend the certificate, name its authority by --ca, or go on all the same by --insecure"
                : "is this the right host and port, and does TLS begin there with the first byte?"));
        if (report.unreachable().isEmpty())
        {
            report.untrusted().ifPresent(fault -> add(Level.WARNING, node, "its certificate is not trusted: " + fault,
                "it was looked at all the same, as --insecure says"));
        }
        for (Examination examination : report.examinations())
        {
            judge(report, examination);
        }
        if (report.examinations().stream().anyMatch(Examination::clientCertificate))
        {
            add(Level.NOTE, node, "it asks for a client certificate, which this client has not",
                "sessions with a client certificate were not looked at");
        }
    }

    private void judge(NodeReport report, Examination seen)
    {
        String where = report.node().name() + ", " + seen.variant();
        if (seen.failure().isPresent())
        {
            add(seen.supported() ? Level.PROBLEM : Level.NOTE, where, seen.supported() ? "no handshake: " + seen.failure().get()
                : "not spoken here (" + seen.failure().get() + ")",
                seen.supported() ? "see the server's log" : "nothing, unless clients need it; this client offers ECDHE with AES-GCM or "
                    + "ChaCha20-Poly1305 only");
            return;
        }
        if (!seen.resumes())
        {
            boolean minor = seen.variant() == Variant.TLS12_IDS
                && report.examinations().stream().anyMatch(other -> other.variant() == Variant.TLS12_TICKETS && other.resumes());
            String tickets = seen.ticketBytes().isEmpty() ? ", and no ticket given" : ", though a ticket was given";
            add(minor ? Level.NOTE : Level.PROBLEM, where, "no session is resumed" + (seen.variant().tickets() ? tickets : ""),
                adviceWithoutResumption(report, seen));
            return;
        }
        judgeHosts(where, report, seen);
        judgeTickets(where, seen);
        seen.duration().ifPresent(aging -> judge(where, aging));
    }

    private void judgeHosts(String where, NodeReport report, Examination seen)
    {
        if (seen.noHost() == Trial.RESUMED)
        {
            add(Level.PROBLEM, where, "a session of " + report.serverName().orElseThrow() + " is resumed by a client that names no host",
                adviceOnHosts(seen));
        }
        if (seen.otherHost() == Trial.RESUMED)
        {
            add(Level.PROBLEM, where, "a session is resumed for another host than it was made for", adviceOnHosts(seen));
        }
        if (seen.noHost() == Trial.FAILED)
        {
            add(Level.NOTE, where, "a client that names no host is turned away", "as a server may do that insists on a host");
        }
    }

    private void judgeTickets(String where, Examination seen)
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
        seen.lifetimeHint().filter(seconds -> seconds > WEEK).ifPresent(seconds -> add(Level.PROBLEM, where,
            "clients are told that a ticket is good for " + seconds + " s",
            "RFC 8446 section 4.6.1 allows 604800 s; make the session timeout shorter"));
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

    private void judge(String where, Examination.Aging aging)
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

    private static String adviceWithoutResumption(NodeReport report, Examination seen)
    {
        boolean byId = report.examinations().stream().anyMatch(other -> other.variant() == Variant.TLS12_IDS && other.resumes());
        if (seen.variant() == Variant.TLS12_TICKETS && byId)
        {
            return "clients that support tickets, nearly all, do a full handshake each time, only those without are resumed. A stock "
                + "Jetty does so with several certificates or hosts; its module tls-resumption does not";
        }
        if (seen.variant() == Variant.TLS12_IDS)
        {
            return "there is no cache of sessions here; few clients are left that have no tickets";
        }
        return seen.ticketBytes().isEmpty() ? "resumption is off here, or the server silently gives no ticket"
            : "do several nodes without common ticket keys share this address?";
    }

    private static String adviceOnHosts(Examination seen)
    {
        return (seen.variant().protocol() == Protocol.TLS_1_2 ? "RFC 6066 section 3 forbids it. "
            : "RFC 8446 leaves that to the client, and CVE-2025-23419 and CVE-2025-23048 came of it. ")
            + "Where hosts ask for client certificates differently, give them ticket keys and caches of their own, or turn tickets off";
    }

    private void judgeCrossings(List<Crossing> crossings)
    {
        for (Crossing crossing : crossings)
        {
            if (crossing.result() == Trial.RESUMED)
            {
                continue;
            }
            String where = crossing.from() + " to " + crossing.to() + ", " + crossing.variant();
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
                add(Level.PROBLEM, where, "a session of the one is not resumed by the other",
                    "they do not share ticket keys (or a cache), or differ in what sessions are bound to: JDK, certificate, client-auth "
                        + "setting, scope. Behind one address each change of node costs a full handshake");
            }
        }
    }

    private void add(Level level, String where, String what, String advice)
    {
        findings.add(new Finding(level, where, what, advice));
    }
}
