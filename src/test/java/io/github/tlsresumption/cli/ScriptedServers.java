package io.github.tlsresumption.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

import io.github.tlsresumption.cli.tls.ClientSession;
import io.github.tlsresumption.cli.tls.Offer;
import io.github.tlsresumption.cli.tls.Outcome;
import io.github.tlsresumption.cli.tls.Outcome.How;
import io.github.tlsresumption.cli.tls.Protocol;
import io.github.tlsresumption.cli.tls.Ticket;
import io.github.tlsresumption.crypto.SelfSignedCertificate;

/**
 * Servers that answer as a test says, without a network: one for each port.
 */
final class ScriptedServers implements Prober.Client
{
    static final String HOST = "one.test";
    private static final X509Certificate CERTIFICATE = certificate();

    private final Map<Integer, Script> scripts = new HashMap<>();
    private final Map<String, Given> given = new HashMap<>();
    private int serial;

    /**
     * How a server behaves.
     */
    static final class Script
    {
        /** Servers with the same name here resume each other's sessions. */
        private String keys = "keys";
        private int ticketBytes = 200;
        private boolean ids = true;
        private boolean idsOnlyWithoutTickets;
        private boolean bound;
        private String certificateFor;
        private String refused;
        /** Whether the offer of that number, from 1 on, is resumed; for each client apart. */
        private IntPredicate resumes = offer -> true;
        private final Map<String, Integer> offers = new HashMap<>();

        Script keys(String name)
        {
            keys = name;
            return this;
        }

        Script ticketBytes(int bytes)
        {
            ticketBytes = bytes;
            return this;
        }

        Script noIds()
        {
            ids = false;
            return this;
        }

        Script idsOnlyWithoutTickets()
        {
            idsOnlyWithoutTickets = true;
            return this;
        }

        Script boundToHosts()
        {
            bound = true;
            return this;
        }

        Script asksForCertificate(String host)
        {
            certificateFor = host;
            return this;
        }

        Script refuses(String host)
        {
            refused = host;
            return this;
        }

        Script resumes(IntPredicate which)
        {
            resumes = which;
            return this;
        }

        private boolean next(Offer offer)
        {
            return resumes.test(offers.merge(offer.protocol() + "," + offer.tickets(), 1, Integer::sum));
        }
    }

    private record Given(String keys, Optional<String> host)
    {
    }

    ScriptedServers without(int port)
    {
        scripts.remove(port);
        return this;
    }

    ScriptedServers with(int port, Script script)
    {
        scripts.put(port, script);
        return this;
    }

    @Override
    public Outcome connect(InetSocketAddress address, Offer offer, Optional<String> request, Duration patience) throws IOException
    {
        Script script = scripts.get(address.getPort());
        if (script == null)
        {
            throw new IOException("Connection refused");
        }
        boolean asks = script.certificateFor != null && offer.serverName().filter(script.certificateFor::equals).isPresent();
        Optional<Given> known = offer.session().map(session -> given.get(name(session))).filter(found -> found.keys.equals(script.keys)
            && (!script.bound || found.host.equals(offer.serverName())));
        boolean resumed = known.isPresent() && script.next(offer);
        boolean tls13 = offer.protocol() == Protocol.TLS_1_3;
        How how = !resumed ? How.FULL : tls13 ? How.PSK : offer.tickets() ? How.TICKET : How.SESSION_ID;
        if (resumed)
        {
            return new Outcome("suite", how, List.of(), false, List.of(), true, offer.session());
        }
        if (script.refused != null && offer.serverName().filter(script.refused::equals).isPresent())
        {
            throw new IOException("turned away");
        }
        int bytes = offer.tickets() ? script.ticketBytes : 0;
        byte[] ticket = ByteBuffer.allocate(Math.max(bytes, Integer.BYTES)).putInt(++serial).array();
        boolean has = bytes > 0 || !tls13 && script.ids && !(offer.tickets() && script.idsOnlyWithoutTickets);
        List<Ticket> tickets = bytes > 0 ? List.of(new Ticket(ticket, 300, 0, new byte[0])) : List.of();
        Optional<ClientSession> session = has ? Optional.of(new ClientSession(offer.protocol(), null, new byte[0],
            tickets.stream().findFirst(), bytes > 0 ? new byte[0] : ticket, 0)) : Optional.empty();
        session.ifPresent(own -> given.put(name(own), new Given(script.keys, offer.serverName())));
        return new Outcome("suite", how, List.of(CERTIFICATE), asks, tickets, true, session);
    }

    private static String name(ClientSession session)
    {
        return HexFormat.of().formatHex(session.ticket().map(Ticket::bytes).orElse(session.sessionId()));
    }

    private static X509Certificate certificate()
    {
        try
        {
            return SelfSignedCertificate.create(HOST, Clock.systemUTC()).certificate();
        }
        catch (GeneralSecurityException e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @return what {@code check} sees
     */
    CheckResult check(boolean mustResume, String otherHost, int... ports)
    {
        Prober prober = new Prober(Optional.of(HOST), true, Duration.ofSeconds(1), this);
        Doctor doctor = new Doctor(prober, otherHost, ServerTrust.of(Optional.empty()), true, text ->
        {
        });
        List<NodeReport> reports = IntStream.of(ports).mapToObj(port -> doctor.examine(Node.parse("127.0.0.1:" + port))).toList();
        List<Crossing> crossings = doctor.cross(reports);
        return new CheckResult(reports, crossings, Diagnosis.of(reports, crossings, mustResume), prober.counts());
    }
}
