package io.github.tlsresumption.jsse;

import java.util.Optional;
import java.util.function.UnaryOperator;

import io.github.tlsresumption.ticket.CachedSession;
import io.github.tlsresumption.ticket.TicketProtector;
import io.github.tlsresumption.ticket.TlsHandshake;
import io.github.tlsresumption.ticket.TlsSession;

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

        private Optional<byte[]> happen()
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
        Tickets delegate = protector.begin(handshake);
        return new Tickets()
        {
            @Override
            public Optional<byte[]> open(byte[] ticket, byte[] associatedData, int stateFormat)
            {
                return opening == null ? delegate.open(ticket, associatedData, stateFormat) : opening.happen();
            }

            @Override
            public boolean isExhausted(int offered)
            {
                return delegate.isExhausted(offered);
            }

            @Override
            public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat)
            {
                return sealing == null ? delegate.seal(states.apply(state), associatedData, stateFormat) : sealing.happen();
            }

            @Override
            public boolean resumable(String protocol)
            {
                return delegate.resumable(protocol);
            }

            @Override
            public boolean resumableById(CachedSession cached)
            {
                return delegate.resumableById(cached);
            }

            @Override
            public TlsSession finished(byte[] sessionId)
            {
                return delegate.finished(sessionId);
            }
        };
    }
}
