package io.github.tlsresumption.jsse;

import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.jsse.HandshakeObserver.Decision;
import io.github.tlsresumption.ticket.Ticket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tickets of one handshake, as SunJSSE comes to ask for them: opens those that the client offers, seals the new ones, and knows which
 * one was resumed. Confined to the thread that drives the engine.
 */
final class TicketExchange
{
    private static final Logger LOG = LoggerFactory.getLogger(EngineHandshake.class);
    private static final String TLS13 = "TLSv1.3";
    private static final int MAX_DECOY_STATE_BYTES = 3072;

    private final ResumptionSSLContextSpi context;
    private final SSLEngine engine;
    private final HandshakeFacts facts;
    private final Tickets tickets;
    private final List<OpenedTicket> opened = new ArrayList<>(1);
    private Optional<LocalChain> missingChain = Optional.empty();
    private boolean sealing;
    private int lookups;
    private boolean withdrawn;

    /**
     * @param context of the engine
     * @param engine of SunJSSE
     * @param facts what is known of the handshake
     * @param tickets decide
     */
    TicketExchange(ResumptionSSLContextSpi context, SSLEngine engine, HandshakeFacts facts, Tickets tickets)
    {
        this.context = context;
        this.engine = engine;
        this.facts = facts;
        this.tickets = tickets;
    }

    /**
     * @param stateLength the length of the state for which there is no ticket
     * @return random bytes in the shape of a ticket: what a refusal to seal puts on the wire
     */
    static byte[] decoy(int stateLength)
    {
        // As long as the real one, so that an observer learns nothing; but no burden to the client where the state is one.
        return Ticket.decoy(Ticket.OVERHEAD_BYTES + Math.min(stateLength, MAX_DECOY_STATE_BYTES));
    }

    /**
     * To be called when SunJSSE looks for a ticket key. It makes a cipher before it sees that a ticket is too short for one, and of
     * a ClientHello that cannot be judged too, so what is counted are the keys that it looks for.
     *
     * @return whether SunJSSE reads the tickets of a ClientHello, and whatever it reads will not be opened
     */
    boolean isExhausted()
    {
        try
        {
            // Later the key is for sealing.
            return !facts.isFinished() && facts.observer().decision() == Decision.NONE && tickets.isExhausted(++lookups);
        }
        catch (Throwable e)
        {
            context.warn("could not judge a ClientHello", e);
            return true;
        }
    }

    /**
     * Opens a ticket of the ClientHello.
     *
     * @return the session's state, or empty for a full handshake
     */
    Optional<byte[]> open(byte[] ticket, byte[] iv, byte[] aad)
    {
        try
        {
            if (facts.isFinished() || !facts.readable())
            {
                return Optional.empty();
            }
            Optional<TicketFrame> frame = TicketFrame.of(ticket, iv, facts.observer().hello().tickets());
            facts.opening(frame.map(TicketFrame::offered).orElse(null));
            if (frame.isEmpty())
            {
                return Optional.empty();
            }
            int flag = frame.get().flag();
            // Whoever has a ticket key can seal anything; what does not begin as a state would cost SunJSSE the connection.
            Optional<OpenedTicket> found = tickets.states().open(ticket, TicketFrame.associatedData(iv, (byte)flag, aad), StateFormat.MARK);
            if (found.isEmpty())
            {
                return Optional.empty();
            }
            opened.remove(found.get());
            opened.add(found.get());
            byte[] content = found.get().state();
            int number = StateCertificates.local(content);
            missingChain = facts.identity().chain(number);
            if (number != 0 && (missingChain.isEmpty() || !context.cuts(StateFormat.protocol(content))))
            {
                return Optional.empty();
            }
            return Optional.of(StateCertificates.strip(content)).filter(state -> StateFormat.start(state) == flag);
        }
        catch (Throwable e)
        {
            context.warn("could not open a ticket", e);
            return Optional.empty();
        }
    }

    /**
     * To be called when SunJSSE has drawn random bytes. In TLS 1.2 it draws the ServerHello's between its choice of a session and the
     * ServerHello's extensions, which is where a new ticket can still be left out.
     */
    void randomDrawn()
    {
        try
        {
            boolean undecided = context.withdraws() && facts.isTicketOffered() && !withdrawn && facts.choosing();
            if (undecided && TicketOffer.isDue(engine) && resumedTicket().filter(ticket -> !tickets.renews(ticket)).isPresent())
            {
                withdrawn = TicketOffer.withdraw(engine);
            }
        }
        catch (Throwable e)
        {
            context.warn("could not judge a resumption", "the client gets a new ticket", e);
        }
    }

    /**
     * To be called when SunJSSE has made its flight.
     */
    void flightMade()
    {
        // One task makes all of a server's flight, from the ServerHello to Finished.
        if (withdrawn && !TicketOffer.restore(engine))
        {
            LOG.trace("the handshake has failed");
        }
    }

    /**
     * Seals a ticket of this handshake's session.
     *
     * @return the ticket, or a decoy
     */
    byte[] seal(byte[] state, byte[] iv, byte[] aad)
    {
        boolean tls13 = true;
        int length = state.length;
        try
        {
            String protocol = facts.session().getProtocol();
            tls13 = TLS13.equals(protocol);
            // TLS 1.2 seals a resumed session's ticket before its ServerHello, any other after the client's Finished;
            // TLS 1.3 seals after the client's Finished always.
            boolean known = tls13
                ? facts.observer().decision() == Decision.FULL || facts.observer().decision() == Decision.RESUMED
                : facts.observer().decision() != Decision.PENDING;
            sealing = true;
            int format = StateFormat.start(state);
            if (!facts.isFinished() && facts.readable() && known && format >= 0)
            {
                byte[] bound = TicketFrame.associatedData(iv, (byte)format, aad);
                byte[] content = content(state, protocol);
                length = content.length;
                Optional<byte[]> ticket = tickets.states().seal(content, bound, StateFormat.MARK, origin());
                if (ticket.isPresent())
                {
                    return ticket.get();
                }
            }
        }
        catch (Throwable e)
        {
            // Whatever escapes costs the client its connection, an Error even without an alert.
            context.warn("could not seal a ticket", e);
        }
        finally
        {
            sealing = false;
        }
        if (tls13)
        {
            return decoy(length);
        }
        throw new TicketCipher.NoTicket();
    }

    private byte[] content(byte[] state, String protocol) throws CertificateEncodingException
    {
        Optional<LocalChain> missing = resumed() ? missingChain : Optional.empty();
        if (missing.isPresent())
        {
            return StateCertificates.append(TLS13.equals(protocol) ? mended(state) : state, facts.peerCertificates(),
                missing.get().number());
        }
        Optional<LocalChain> chain = context.cuts(protocol) ? facts.identity().chainIn(state) : Optional.empty();
        return StateCertificates.append(chain.map(found -> found.cutFrom(state)).orElse(state), facts.peerCertificates(),
            chain.map(LocalChain::number).orElse(0));
    }

    private static byte[] mended(byte[] state)
    {
        return LocalChain.withoutPreSharedKey(state).orElseThrow(() ->
            new IllegalStateException("the state of a session without local certificates does not end as expected on this JDK"));
    }

    /**
     * @return whether the server has accepted a session that the client offered; false as long as that is not decided
     */
    boolean resumed()
    {
        return facts.observer().decision() == Decision.RESUMED || (sealing && facts.observer().decision() == Decision.NONE);
    }

    /**
     * @return where the session of this handshake comes from
     */
    SessionOrigin origin()
    {
        if (!resumed())
        {
            return SessionOrigin.FULL_HANDSHAKE;
        }
        Optional<OpenedTicket> ticket = resumedTicket();
        return ticket.isPresent() ? new SessionOrigin.Ticket(ticket.get()) : new SessionOrigin.Cache(facts.known(facts.session()));
    }

    /**
     * SunJSSE may still refuse what we have opened, and does a full handshake then. Which session it has resumed is told by the time of
     * creation, which it takes over from the original. It opens tickets until one suits, so of several of one moment it is the last.
     */
    private Optional<OpenedTicket> resumedTicket()
    {
        long creationTime = facts.session().getCreationTime();
        for (int i = opened.size() - 1; i >= 0; i--)
        {
            if (opened.get(i).established().toEpochMilli() == creationTime)
            {
                return Optional.of(opened.get(i));
            }
        }
        return Optional.empty();
    }

    /**
     * @return the server's certificates, where the state of the ticket that was opened last did not have them
     */
    Optional<LocalChain> missingChain()
    {
        return missingChain;
    }

    /**
     * To be called when the handshake is complete. The connection may last for hours; states shall not.
     */
    void clear()
    {
        opened.clear();
    }
}
