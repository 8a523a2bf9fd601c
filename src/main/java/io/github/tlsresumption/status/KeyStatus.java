package io.github.tlsresumption.status;

import java.time.Instant;

/**
 * A ticket key's place in time.
 *
 * @param id what stands in front of its tickets, in hexadecimal digits
 * @param created when it was made
 * @param sealsFrom when it begins to seal
 * @param sealsUntil when it stops sealing
 * @param opensUntil when it stops opening, and is erased
 * @param state {@code published}, {@code sealing}, {@code opening} or {@code ended}
 */
public record KeyStatus(String id, Instant created, Instant sealsFrom, Instant sealsUntil, Instant opensUntil, String state)
{
}
