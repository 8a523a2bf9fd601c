/**
 * Who has been forgotten. A ticket cannot be taken back, so what is forgotten must be remembered, until the longest
 * ticket has ended.
 *
 * <p>{@link io.github.tlsresumption.forget.ForgetList} answers in memory;
 * {@link io.github.tlsresumption.forget.ForgetLog} keeps the answers over restarts and shares them. Clients, sessions and
 * users are numbers here, keyed hashes made elsewhere.
 */
package io.github.tlsresumption.forget;
