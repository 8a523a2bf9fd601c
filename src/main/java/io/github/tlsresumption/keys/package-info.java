/**
 * The life of ticket keys: made, published, sealing, opening only, erased; and the stores that keep them.
 *
 * <p>{@link io.github.tlsresumption.keys.KeyRotation} computes the ring that there should be at an instant, as a pure function.
 * {@link io.github.tlsresumption.keys.TicketKeyRingManager} writes it to a
 * {@link io.github.tlsresumption.keys.TicketKeyStore}, together with every other process that uses the same store. Start with these.
 * It uses only {@code files}, {@code crypto} and {@code log}.
 */
package io.github.tlsresumption.keys;
