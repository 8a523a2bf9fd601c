package io.github.tlsresumption.jsse;

import java.util.Optional;
import java.util.function.UnaryOperator;

import io.github.tlsresumption.engine.ForwardingTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;

/**
 * A protector that fails to seal or to open, where it is told how; else it seals what is made of the state.
 */
record FailingTickets(TicketProtector protector, Failure sealing, Failure opening, UnaryOperator<byte[]> states) implements TicketProtector
{
    /**
     * How it fails.
     */
    enum Failure
    {
        EMPTY,
        EXCEPTION,
        ERROR,
        OUT_OF_MEMORY;

        private <T> Optional<T> happen()
        {
            return switch (this)
            {
                case EMPTY -> Optional.empty();
                case EXCEPTION -> throw new IllegalStateException("for a test");
                case ERROR -> throw new AssertionError("for a test");
                case OUT_OF_MEMORY -> throw new OutOfMemoryError("for a test");
            };
        }
    }

    @Override
    public Tickets begin(TlsHandshake handshake)
    {
        return new ForwardingTickets(protector.begin(handshake))
        {
            @Override
            public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
            {
                return opening == null ? super.open(ticket, associatedData, stateFormat) : opening.happen();
            }

            @Override
            public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
            {
                return sealing == null ? super.seal(states.apply(state), associatedData, stateFormat, origin) : sealing.happen();
            }

            @Override
            public boolean renews(OpenedTicket resumed)
            {
                return true;
            }
        };
    }
}
