package io.github.tlsresumption.openssl;

import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.openssl.ClientSessions.Pool;

/**
 * Makes connections of all kinds, one after the other, as its seed says, and checks what becomes of each. Confined to its thread.
 */
final class SoakWorker implements AutoCloseable
{
    private static final Certificates.Identity CLIENT = Certificates.of(Certificates.Kind.CLIENT);
    private static final Certificates.Identity STRANGER = Certificates.of(Certificates.Kind.STRANGER);
    static final Consumer<SSLParameters> AS_IS = parameters ->
    {
    };
    static final Consumer<SSLParameters> NEEDS_CERTIFICATE = parameters -> parameters.setNeedClientAuth(true);
    private static final int MAX_SLOW = 20;

    private final Soak soak;
    private final Random random;
    private final TestSessions sessions = new TestSessions();
    private final SSLContext jsse = Peer.client(new Certificates.Trust(Soak.SERVER));
    private final ClientSessions kept;
    private final BrokenConnections broken;
    private final Link.Buffers heap = new Link.Buffers(false);
    private final Link.Buffers direct = new Link.Buffers(true);
    private final Deque<Link.Buffers> forSlow = new ArrayDeque<>();
    private final List<Slow> slow = new ArrayList<>();
    private final Map<SoakKind, Map<SoakKind.Outcome, Integer>> outcomes = new EnumMap<>(SoakKind.class);
    private long connections;
    /** Of engines that were dropped, whose end nobody is told. */
    private int untold;

    /**
     * A client that takes its time.
     */
    private record Slow(Link link, Link.Buffers buffers, long response, int resumed)
    {
    }

    /**
     * @param soak what workers share
     * @param seed says which connections it makes
     */
    SoakWorker(Soak soak, long seed)
    {
        this.soak = soak;
        this.random = new Random(seed);
        this.kept = new ClientSessions(soak.clients());
        this.broken = new BrokenConnections(this, soak, random);
        sessions.answer = this::judged;
        for (SoakKind kind : SoakKind.values())
        {
            outcomes.put(kind, new EnumMap<>(SoakKind.Outcome.class));
        }
    }

    /**
     * Looks at a ticket as the real decision does: at the client's certificates, and whether the client proves that it has the secret.
     */
    private Optional<OpenedTicket> judged(Optional<OpenedTicket> ticket)
    {
        if (ticket.isEmpty())
        {
            return ticket;
        }
        TlsHandshake handshake = sessions.last;
        byte[] state = ticket.get().state();
        try
        {
            List<X509Certificate> chain = handshake.peerCertificates(state);
            check(chain.isEmpty() || chain.equals(List.of(CLIENT.certificate())), "another client: " + chain);
        }
        catch (CertificateException e)
        {
            throw new AssertionError(e);
        }
        return ticket.filter(one -> handshake.proof(state) != TlsHandshake.Proof.MISSING);
    }

    ClientSessions kept()
    {
        return kept;
    }

    TestSessions sessions()
    {
        return sessions;
    }

    /** The last engine was dropped: what it holds may go. */
    void dropped()
    {
        sessions.last = null;
        untold = pending();
    }

    private int pending()
    {
        return sessions.begun.get() - sessions.established.get() - sessions.abandoned.get();
    }

    /**
     * @return of how many handshakes nobody was told how they have ended, though they were not dropped
     */
    int lost()
    {
        return pending() - untold;
    }

    /**
     * @return how many connections of that kind there were
     */
    long ended(SoakKind kind)
    {
        return outcomes.get(kind).values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * @return how often each kind has ended in each way
     */
    Map<SoakKind, Map<SoakKind.Outcome, Integer>> outcomes()
    {
        return outcomes;
    }

    /**
     * @param count how many connections to make, or one more
     * @param reloads whether this worker is the one that reloads the key store
     */
    void run(long count, boolean reloads) throws SSLException, CertificateEncodingException
    {
        long end = connections + count;
        while (connections < end)
        {
            long before = connections;
            SoakKind kind = SoakKind.any(random);
            try
            {
                make(kind);
                goOn();
            }
            catch (SSLException | RuntimeException | AssertionError e)
            {
                throw new AssertionError("connection %d of a worker, %s".formatted(connections, kind), e);
            }
            if (reloads && before / Soak.RELOAD < connections / Soak.RELOAD)
            {
                soak.reload();
            }
        }
        while (!slow.isEmpty())
        {
            goOn();
        }
    }

    private void make(SoakKind kind) throws SSLException, CertificateEncodingException
    {
        int version = random.nextBoolean() ? Supported.TLS13 : Supported.TLS12;
        switch (kind)
        {
            case FULL -> complete(kind, version, 0, AS_IS, Pool.tickets(version));
            case RESUMED_BY_TICKET -> complete(kind, version, kept.take(Pool.tickets(version)), AS_IS, Pool.tickets(version));
            case RESUMED_BY_ID -> complete(kind, Supported.TLS12, random.nextInt(4) == 0 ? 0 : kept.take(Pool.IDS), AS_IS, Pool.IDS);
            case REFUSED -> refused(version);
            case TAMPERED -> tampered(version);
            case FORGOTTEN -> forgotten(version);
            case CLIENT_CERTIFICATE -> complete(kind, version, 0, NEEDS_CERTIFICATE, Pool.certificates(version));
            case CLIENT_CERTIFICATE_RESUMED ->
                complete(kind, version, kept.take(Pool.certificates(version)), NEEDS_CERTIFICATE, Pool.certificates(version));
            case STRANGER -> stranger(version);
            case NO_COMMON_PROTOCOL -> noCommonProtocol(version);
            case ABORTED_BY_SERVER -> broken.abortedByServer(version);
            case ABORTED_BY_CLIENT -> broken.abortedByClient(version);
            case CLOSED_BY_SERVER -> closedByServer(version);
            case HALF_A_HELLO -> broken.halfAHello();
            case RANDOM_BYTES -> broken.randomBytes(version);
            case RENEGOTIATION -> renegotiation();
            case KEY_UPDATES -> keyUpdates();
            case FOREIGN_EARLY_DATA -> foreignEarlyData();
            case DOWNLOAD, UPLOAD -> large(kind, version);
            case SLOW_READER -> slowReader(version);
            case DROPPED -> broken.dropped(version);
            case JSSE_CLIENT -> jsseClient(version);
        }
    }

    void note(SoakKind kind, SoakKind.Outcome outcome)
    {
        outcomes.get(kind).merge(outcome, 1, Integer::sum);
        connections++;
    }

    static void check(boolean condition, String what)
    {
        if (!condition)
        {
            throw new AssertionError(what);
        }
    }

    Link link(int version, Consumer<SSLParameters> change)
    {
        return link(soak.clients().connect(version), change, random.nextBoolean() ? heap : direct);
    }

    /**
     * @return an engine without a client
     */
    Link alone()
    {
        return link(null, AS_IS, heap);
    }

    private Link link(NativeClient client, Consumer<SSLParameters> change, Link.Buffers buffers)
    {
        Executor tasks = random.nextInt(10) == 0 ? soak::runElsewhere : Runnable::run;
        return new Link(client, soak.newEngine(change), buffers, tasks);
    }

    /**
     * What has become of the connection, by both ends.
     *
     * @param resumedBefore how many sessions this worker has resumed before it
     */
    SoakKind.Outcome outcome(Link link, int resumedBefore)
    {
        if (link.failure != null)
        {
            return SoakKind.Outcome.ALERT;
        }
        if (!link.finished)
        {
            return SoakKind.Outcome.UNFINISHED;
        }
        boolean resumed = sessions.resumed.get() > resumedBefore;
        check(resumed == link.client.isResumed(), "the server says resumed=" + resumed + ", and the client does not");
        return resumed ? SoakKind.Outcome.RESUMED : SoakKind.Outcome.FULL;
    }

    /**
     * A connection with a request and a response that ends well.
     *
     * @param session is offered and freed, or 0
     * @param pool where the new session goes
     */
    private void complete(SoakKind kind, int version, long session, Consumer<SSLParameters> change, Pool pool)
        throws CertificateEncodingException
    {
        Link link = link(version, change);
        int before = sessions.resumed.get();
        try
        {
            prepare(link, session, change, pool);
            exchange(link);
            SoakKind.Outcome expected = session == 0 ? SoakKind.Outcome.FULL : SoakKind.Outcome.RESUMED;
            SoakKind.Outcome outcome = outcome(link, before);
            check(outcome == expected, "expected " + expected + " and not " + outcome + ": " + link.failure);
            note(kind, outcome);
            long next = link.client.session();
            end(link);
            kept.keep(pool, next);
        }
        finally
        {
            link.client.close();
        }
    }

    void prepare(Link link, long session, Consumer<SSLParameters> change, Pool pool) throws CertificateEncodingException
    {
        if (pool == Pool.IDS)
        {
            soak.clients().withoutTickets(link.client);
        }
        if (change == NEEDS_CERTIFICATE)
        {
            soak.clients().show(link.client, CLIENT);
        }
        if (session != 0)
        {
            link.client.offer(session);
            soak.clients().free(session);
        }
    }

    /** The handshake and a request with its response; the request comes with the client's last flight or later. */
    private void exchange(Link link)
    {
        if (random.nextBoolean())
        {
            link.pump();
        }
        long request = 1 + random.nextInt(500);
        long response = 1 + random.nextInt(3000);
        long received = link.received;
        long got = link.client.received();
        link.toUpload = request;
        link.pump();
        check(link.received == received + request, "the request: " + link.received + ", " + link.failure);
        link.toSend = response;
        link.pump();
        check(link.client.received() == got + response, "the response: " + link.client.received() + ", " + link.failure);
    }

    /** Either side closes first, and the other one answers: nobody has to free anything. */
    private void end(Link link)
    {
        if (random.nextBoolean())
        {
            link.client.shutdown();
            link.pump();
            check(link.engine.isInboundDone(), "the client has closed");
            link.engine.closeOutbound();
            link.pump();
        }
        else
        {
            link.engine.closeOutbound();
            link.pump();
            check(link.client.isClosed(), "the server has closed");
            link.client.shutdown();
            link.pump();
        }
        check(link.engine.isInboundDone() && link.engine.isOutboundDone(), "both directions are closed: " + link.failure);
        check(link.failure == null, "it failed in the end: " + link.failure);
    }

    private void refused(int version) throws CertificateEncodingException
    {
        sessions.answer = ticket -> Optional.empty();
        offeredInVain(SoakKind.REFUSED, version, kept.take(Pool.tickets(version)), Pool.tickets(version));
        sessions.answer = this::judged;
    }

    private void offeredInVain(SoakKind kind, int version, long session, Pool pool) throws CertificateEncodingException
    {
        Link link = link(version, AS_IS);
        int before = sessions.resumed.get();
        try
        {
            prepare(link, session, AS_IS, pool);
            exchange(link);
            SoakKind.Outcome outcome = outcome(link, before);
            check(outcome == SoakKind.Outcome.FULL, outcome + ": " + link.failure);
            note(kind, outcome);
            end(link);
        }
        finally
        {
            link.client.close();
        }
    }

    private void tampered(int version) throws CertificateEncodingException
    {
        long session = kept.take(Pool.tickets(version));
        if (session != 0)
        {
            soak.clients().tamper(session, random.nextInt(Short.MAX_VALUE));
        }
        offeredInVain(SoakKind.TAMPERED, version, session, Pool.tickets(version));
    }

    private void forgotten(int version) throws CertificateEncodingException
    {
        boolean byId = version == Supported.TLS12 && random.nextBoolean();
        Pool pool = byId ? Pool.IDS : Pool.tickets(version);
        Link link = link(version, AS_IS);
        long session;
        try
        {
            prepare(link, 0, AS_IS, pool);
            exchange(link);
            note(SoakKind.FORGOTTEN, outcome(link, sessions.resumed.get()));
            link.engine.getSession().invalidate();
            session = link.client.session();
            end(link);
        }
        finally
        {
            link.client.close();
        }
        // The real decision knows by itself who was forgotten; an id is gone from the cache.
        sessions.answer = ticket -> Optional.empty();
        offeredInVain(SoakKind.FORGOTTEN, version, session, pool);
        sessions.answer = this::judged;
    }

    private void stranger(int version) throws CertificateEncodingException
    {
        Link link = link(version, NEEDS_CERTIFICATE);
        soak.clients().show(link.client, STRANGER);
        alert(SoakKind.STRANGER, link);
    }

    private void noCommonProtocol(int version)
    {
        Link link = link(version, parameters -> parameters.setApplicationProtocols(new String[]{"h2"}));
        soak.clients().offer(link.client, "other");
        alert(SoakKind.NO_COMMON_PROTOCOL, link);
    }

    /** The server refuses the client, says so, and has nothing left when that is sent. */
    private void alert(SoakKind kind, Link link)
    {
        link.pump();
        check(link.failure != null && link.client.hasFailed(), "no alert");
        check(link.engine.isInboundDone() && link.engine.isOutboundDone(), "both directions are closed");
        note(kind, SoakKind.Outcome.ALERT);
        link.client.close();
    }

    private void closedByServer(int version)
    {
        int before = sessions.resumed.get();
        Link link = link(version, AS_IS);
        link.pump();
        link.engine.closeOutbound();
        link.pump();
        check(link.client.isClosed(), "the server has closed");
        note(SoakKind.CLOSED_BY_SERVER, outcome(link, before));
        if (random.nextBoolean())
        {
            link.client.shutdown();
            link.pump();
        }
        else
        {
            link.engine.close();
        }
        check(link.engine.isInboundDone() && link.engine.isOutboundDone(), "both directions are closed");
        link.client.close();
    }

    /** Which the client gives up on, or the server. */
    private void renegotiation()
    {
        Link link = link(Supported.TLS12, AS_IS);
        exchange(link);
        link.client.renegotiate();
        alert(SoakKind.RENEGOTIATION, link);
    }

    private void keyUpdates()
    {
        int before = sessions.resumed.get();
        Link link = link(Supported.TLS13, AS_IS);
        exchange(link);
        for (int updates = 1 + random.nextInt(5); updates > 0; updates--)
        {
            link.client.updateKeys();
            exchange(link);
        }
        note(SoakKind.KEY_UPDATES, outcome(link, before));
        end(link);
        link.client.close();
    }

    private void foreignEarlyData()
    {
        long session = kept.take(Pool.TICKETS_13);
        int before = sessions.resumed.get();
        Link link = link(Supported.TLS13, AS_IS);
        if (session != 0)
        {
            link.client.sendEarly(session, 1 + random.nextInt(8000));
            soak.clients().free(session);
        }
        exchange(link);
        SoakKind.Outcome outcome = outcome(link, before);
        check(outcome == (session == 0 ? SoakKind.Outcome.FULL : SoakKind.Outcome.RESUMED), outcome.toString());
        note(SoakKind.FOREIGN_EARLY_DATA, outcome);
        end(link);
        link.client.close();
    }

    private void large(SoakKind kind, int version)
    {
        int before = sessions.resumed.get();
        Link link = link(version, AS_IS);
        link.pump();
        long size = 65_536 + random.nextInt(2_000_000);
        link.toSend = kind == SoakKind.DOWNLOAD ? size : 0;
        link.toUpload = kind == SoakKind.UPLOAD ? size : 0;
        link.pump();
        check(link.received + link.client.received() == size, link.received + " and " + link.client.received() + " of " + size);
        note(kind, outcome(link, before));
        end(link);
        link.client.close();
    }

    private void slowReader(int version)
    {
        Link.Buffers buffers = forSlow.isEmpty() ? new Link.Buffers(random.nextBoolean()) : forSlow.remove();
        int before = sessions.resumed.get();
        Link link = link(soak.clients().connect(version), AS_IS, buffers);
        link.pump();
        note(SoakKind.SLOW_READER, outcome(link, before));
        long response = 10_000 + random.nextInt(200_000);
        link.toSend = response;
        link.pace = 100 + random.nextInt(3000);
        slow.add(new Slow(link, buffers, response, before));
        if (slow.size() > MAX_SLOW)
        {
            // It had no patience.
            Slow first = slow.remove(0);
            first.link.engine.close();
            first.link.client.close();
            forSlow.add(first.buffers);
        }
    }

    /** One piece for each slow reader. */
    private void goOn()
    {
        for (Iterator<Slow> each = slow.iterator(); each.hasNext();)
        {
            Slow one = each.next();
            if (!(one.link.serverStep() | one.link.clientStep()))
            {
                check(one.link.client.received() == one.response, "a slow reader has " + one.link.client.received());
                one.link.pace = Integer.MAX_VALUE;
                end(one.link);
                one.link.client.close();
                forSlow.add(one.buffers);
                each.remove();
            }
        }
    }

    private void jsseClient(int version) throws SSLException
    {
        int before = sessions.resumed.get();
        Peer client = Peer.client(jsse, Peer.protocol(version == Supported.TLS13 ? "TLSv1.3" : "TLSv1.2"));
        NativeSslEngine engine = soak.newEngine(AS_IS);
        Peer server = new Peer(engine);
        client.send(new byte[100]);
        Peer.pump(client, server);
        check(server.finished && server.take().length == 100, "a client of JSSE's");
        note(SoakKind.JSSE_CLIENT, sessions.resumed.get() > before ? SoakKind.Outcome.RESUMED : SoakKind.Outcome.FULL);
        client.engine.closeOutbound();
        engine.closeOutbound();
        Peer.pump(client, server);
        check(engine.isInboundDone() && engine.isOutboundDone(), "both directions are closed");
    }

    @Override
    public void close()
    {
        kept.close();
    }
}
