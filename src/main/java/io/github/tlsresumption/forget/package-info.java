/**
 * Who has been forgotten. A ticket cannot be taken back, so what is forgotten must be remembered, until the longest
 * ticket has ended.
 *
 * <p>{@link io.github.tlsresumption.forget.ForgetList} answers in memory;
 * {@link io.github.tlsresumption.forget.ForgetLog} keeps the answers over restarts and shares them. Clients, sessions and
 * users are numbers here, keyed hashes made elsewhere. Start with these two. Knows {@code files}, {@code crypto} and {@code log} only.
 */
package io.github.tlsresumption.forget;
