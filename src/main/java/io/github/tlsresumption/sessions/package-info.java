/**
 * The keys of sessions of mode {@code cache}, and the stores that keep them. It uses only {@code ticket}, {@code crypto} and {@code log}.
 *
 * <p>Start with {@link io.github.tlsresumption.sessions.SessionKeyStore}, the contract.
 * {@link io.github.tlsresumption.sessions.HeapSessionKeyStore} keeps keys in this process; stores outside it are in a cluster's backend,
 * behind a {@link io.github.tlsresumption.sessions.WatchedSessionKeyStore}, and {@link io.github.tlsresumption.sessions.StoreWarmth} keeps
 * them ready.
 */
package io.github.tlsresumption.sessions;
