package io.github.tlsresumption.resumption;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * What a flight recording may tell of tickets: that they are sealed, opened and refused, how long it took and why; nothing of their
 * contents, nor of who the client is. All are disabled until a recording enables them, and cost next to nothing until then. In a
 * Java runtime without JFR there are none.
 */
final class FlightEvents
{
    private static final boolean AVAILABLE = isAvailable();

    private FlightEvents()
    {
    }

    private static boolean isAvailable()
    {
        try
        {
            return FlightRecorder.isAvailable();
        }
        catch (LinkageError e)
        {
            // A runtime may have been made without the module jdk.jfr.
            return false;
        }
    }

    /**
     * @param nanos how long it took
     * @param made whether there is a ticket
     */
    static void sealed(long nanos, boolean made)
    {
        if (AVAILABLE)
        {
            TicketSealed.record(nanos, made);
        }
    }

    /**
     * @param nanos how long it took
     * @param accepted whether its session may be resumed
     */
    static void opened(long nanos, boolean accepted)
    {
        if (AVAILABLE)
        {
            TicketOpened.record(nanos, accepted);
        }
    }

    /**
     * @param reason why
     */
    static void refused(RefusalReason reason)
    {
        if (AVAILABLE)
        {
            SessionRefused.record(reason);
        }
    }

    /**
     * The module was asked for a ticket.
     */
    @Name("io.github.tlsresumption.TicketSealed")
    @Label("Ticket Sealed")
    @Description("The module was asked to seal a session into a ticket")
    @Category("TLS Resumption")
    @Enabled(false)
    @StackTrace(false)
    private static final class TicketSealed extends Event
    {
        @Label("Time Taken")
        @Timespan(Timespan.NANOSECONDS)
        private long taken;

        @Label("Made")
        @Description("Whether there is a ticket that can be opened")
        private boolean made;

        private static void record(long nanos, boolean made)
        {
            TicketSealed event = new TicketSealed();
            if (event.shouldCommit())
            {
                event.taken = nanos;
                event.made = made;
                event.commit();
            }
        }
    }

    /**
     * A client has shown a ticket.
     */
    @Name("io.github.tlsresumption.TicketOpened")
    @Label("Ticket Opened")
    @Description("A client offered a ticket")
    @Category("TLS Resumption")
    @Enabled(false)
    @StackTrace(false)
    private static final class TicketOpened extends Event
    {
        @Label("Time Taken")
        @Timespan(Timespan.NANOSECONDS)
        private long taken;

        @Label("Accepted")
        @Description("Whether its session may be resumed")
        private boolean accepted;

        private static void record(long nanos, boolean accepted)
        {
            TicketOpened event = new TicketOpened();
            if (event.shouldCommit())
            {
                event.taken = nanos;
                event.accepted = accepted;
                event.commit();
            }
        }
    }

    /**
     * A session is not resumed, or cannot be later.
     */
    @Name("io.github.tlsresumption.SessionRefused")
    @Label("Session Refused")
    @Description("A handshake must be full, or gets no ticket")
    @Category("TLS Resumption")
    @Enabled(false)
    @StackTrace(false)
    private static final class SessionRefused extends Event
    {
        @Label("Reason")
        private String reason;

        private static void record(RefusalReason reason)
        {
            SessionRefused event = new SessionRefused();
            if (event.shouldCommit())
            {
                event.reason = reason.toString();
                event.commit();
            }
        }
    }
}
