/**
 * The ticket keys in time: made, published, sealing, opening only, erased; and the stores that keep them.
 *
 * <p>{@link io.github.tlsresumption.keys.KeyRotation} says what a ring should be at an instant, as a pure function.
 * {@link io.github.tlsresumption.keys.TicketKeyRingManager} brings that about in a
 * {@link io.github.tlsresumption.keys.TicketKeyStore}, together with every other process that uses the same store. Start with these.
 * Knows {@code files}, {@code crypto} and {@code log} only.
 */
package io.github.tlsresumption.keys;
