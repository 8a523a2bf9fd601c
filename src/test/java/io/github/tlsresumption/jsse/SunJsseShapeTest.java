package io.github.tlsresumption.jsse;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class SunJsseShapeTest
{
    /**
     * A key number and an IV are in every release; the flag says whether a state is compressed, which newer releases do.
     */
    @Test
    void aReleaseThatCompressesStatesHasOneByteMoreInFrontOfATicket()
    {
        boolean compresses = Internals.obstacle("SessionTicketExtension", "MIN_COMPRESS_SIZE").isEmpty();
        assertEquals(4 + 16 + (compresses ? 1 : 0), SunJsseShape.prefixBytes());
    }
}
