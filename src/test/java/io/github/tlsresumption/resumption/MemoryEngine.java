package io.github.tlsresumption.resumption;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.StateTickets;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.ticket.Protocol;

/**
 * A tiny TLS engine without a network: it does with the tickets of a handshake what an engine does.
 *
 * @param server decides
 * @param shape how it makes its tickets
 */
record MemoryEngine(TicketProtector server, Supplier<Shape> shape)
{
    /**
     * How an engine makes its tickets.
     */
    enum Shape
    {
        /** It gives its states away, see {@link StateTickets}. */
        STATES,
        /** It asks for keys and seals by itself, see {@link KeyTickets}. */
        KEYS
    }

    MemoryEngine(TicketProtector server)
    {
        this(server, () -> Shape.STATES);
    }

    /**
     * What the engine knows of a handshake besides.
     */
    interface Told extends TlsHandshake
    {
        /**
         * @return when the session that is resumed was established, null when the handshake is full
         */
        Instant resumedFrom();

        default boolean resumed()
        {
            return resumedFrom() != null;
        }

        default boolean resumes(Instant established)
        {
            return resumed() && established.equals(resumedFrom());
        }
    }

    /**
     * @param handshake what the engine tells of it
     * @return that handshake
     */
    Handshake begin(Told handshake)
    {
        Tickets tickets = server.begin(handshake);
        return new Handshake(tickets, shape.get() == Shape.STATES ? tickets.states() : new SelfSealedTickets(tickets.keys()), handshake);
    }

    /**
     * One handshake. Which of the tickets is resumed the handshake tells by the time of its session; of several the one opened last.
     */
    static final class Handshake
    {
        private final Tickets tickets;
        private final StateTickets states;
        private final Told told;
        private final List<OpenedTicket> opened = new ArrayList<>();

        private Handshake(Tickets tickets, StateTickets states, Told told)
        {
            this.tickets = tickets;
            this.states = states;
            this.told = told;
        }

        Optional<byte[]> open(byte[] ticket, byte[] associatedData, int stateFormat)
        {
            Optional<OpenedTicket> found = states.open(ticket, associatedData, stateFormat);
            found.ifPresent(opened::remove);
            found.ifPresent(opened::add);
            return found.map(OpenedTicket::state);
        }

        Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat)
        {
            return states.seal(state, associatedData, stateFormat, origin());
        }

        boolean isExhausted(int offered)
        {
            return tickets.isExhausted(offered);
        }

        boolean renews()
        {
            return resumed().map(tickets::renews).orElse(true);
        }

        boolean resumable(String protocol)
        {
            return tickets.resumable(Protocol.of(protocol));
        }

        boolean resumableById(CachedSession cached)
        {
            return tickets.resumableById(cached);
        }

        boolean proven()
        {
            return tickets.proven();
        }

        void earlyData()
        {
            tickets.earlyData();
        }

        void abandoned()
        {
            tickets.abandoned();
        }

        /**
         * @param sessionId in the engine's own cache, no bytes when it does not keep the session
         */
        TlsSession finished(byte[] sessionId)
        {
            boolean isCached = sessionId.length > 0 && !told.protocol().equals(Optional.of(Protocol.TLS_1_3));
            return tickets.finished(origin(), Optional.of(sessionId).filter(id -> isCached));
        }

        TlsSession renegotiated()
        {
            return tickets.renegotiated();
        }

        private Optional<OpenedTicket> resumed()
        {
            // Without streams: the benchmarks measure what is behind this engine.
            OpenedTicket last = null;
            for (OpenedTicket ticket : opened)
            {
                last = told.resumes(ticket.established()) ? ticket : last;
            }
            return Optional.ofNullable(last);
        }

        private SessionOrigin origin()
        {
            if (!told.resumed())
            {
                return SessionOrigin.FULL_HANDSHAKE;
            }
            return resumed().<SessionOrigin>map(SessionOrigin.Ticket::new).orElseGet(() -> new SessionOrigin.Cache(
                new CachedSession(new byte[0], told.serverName(), Optional.empty(), told.resumedFrom(), Optional.empty(),
                    told.peerHost(), told.peerCertificates())));
        }
    }
}
