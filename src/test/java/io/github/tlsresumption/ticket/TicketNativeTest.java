package io.github.tlsresumption.ticket;

import io.github.tlsresumption.accp.WithNativeCryptography;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The same by native cryptography.
 */
@ExtendWith(WithNativeCryptography.class)
class TicketNativeTest extends TicketTest
{
}
