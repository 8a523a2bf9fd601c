/**
 * The forget list. A ticket cannot be taken back, so the list must remember forgotten sessions until the longest ticket has ended.
 *
 * <p>{@link io.github.tlsresumption.forget.ForgetList} answers in memory;
 * {@link io.github.tlsresumption.forget.ForgetLog} keeps the answers over restarts and shares them. Clients, sessions and
 * users are numbers here, keyed hashes made elsewhere. Start with these two. It uses only {@code files}, {@code crypto} and {@code log}.
 */
package io.github.tlsresumption.forget;
