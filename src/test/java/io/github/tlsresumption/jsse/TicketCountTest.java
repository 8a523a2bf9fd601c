package io.github.tlsresumption.jsse;

import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TicketCountTest
{
    @Test
    void whatSunJsseDoesNotSendIsRefusedWithTheOptionThatHelps()
    {
        assertEquals(Optional.empty(), TicketCount.confirm(1, 1));
        String message = TicketCount.confirm(2, 1).orElseThrow();
        assertTrue(message.contains(TicketCount.SETTING + " is 2"), message);
        assertTrue(message.contains(SunJsseShape.sendsSeveralTickets() ? "start the JVM with -D" + TicketCount.PROPERTY + "=2"
            : "always sends 1: remove it, or run a JDK that knows the system property"), message);
        assertNull(System.getProperty(TicketCount.PROPERTY));
    }

    @Test
    void aPropertyOfTheOperatorIsNeitherOverriddenNorTakenAway()
    {
        System.setProperty(TicketCount.PROPERTY, "3");
        try
        {
            String message = TicketCount.request(2).orElseThrow();
            assertTrue(message.contains(TicketCount.SETTING + " is 2"), message);
            assertTrue(message.contains(TicketCount.PROPERTY + " is 3"), message);
            TicketCount.confirm(2, 3);
            assertEquals("3", System.getProperty(TicketCount.PROPERTY));
        }
        finally
        {
            System.clearProperty(TicketCount.PROPERTY);
        }
    }

    @Test
    void theSelfTestCountsWhatIsSent()
    {
        SunJsse.obstacle();
        assertEquals(1, SelfTest.tickets().orElseThrow());
    }
}
