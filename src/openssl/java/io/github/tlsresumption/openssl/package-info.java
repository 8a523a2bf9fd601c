/**
 * TLS of a native library through {@link java.lang.foreign}, for JDK 22 and later: engines of servers whose tickets somebody else seals
 * and opens. It knows neither Jetty nor how a decision is made. Start reading at {@link io.github.tlsresumption.openssl.NativeContext} and
 * {@link io.github.tlsresumption.openssl.NativeSslEngine}.
 *
 * <h2>Layers</h2>
 * <ul>
 * <li>{@code NativeSslEngine} is JSSE's face with the lock, {@code ServerConnection} what it does, {@code ServerHandshake} the decisions
 * of its handshake, {@code NativeConnection} the library's connection.</li>
 * <li>{@code LibSsl} and {@code SslCallbacks}: what is needed of a library and what it asks, in Java's types. Tests have a library of
 * their own behind it.</li>
 * <li>{@code BoringSsl} and its parts: the BoringSSL family. {@code BoringSslFunctions} is the table of functions, {@code
 * BoringSslUpcalls} what the library calls. Raw addresses are read and written there, in {@code Memory} and in {@code NativeConnection},
 * and nowhere else.</li>
 * </ul>
 *
 * <h2>Who frees what, when, on which thread</h2>
 * <table>
 * <caption>Native objects</caption>
 * <tr><th>object</th><th>made</th><th>freed</th></tr>
 * <tr><td>the library</td><td>{@code NativeTls.load}, once for a file</td><td>never</td></tr>
 * <tr><td>upcall stubs, tables of callbacks</td><td>once for a library; making one takes longer than a handshake may</td>
 * <td>never; their number is fixed</td></tr>
 * <tr><td>context ({@code SSL_CTX})</td><td>by the first connection with its settings, or {@code NativeContext.check}</td>
 * <td>by {@code NativeContext.close}, when it was not used for long, or when the {@code NativeContext} cannot be reached any more; the
 * library keeps it as long as a connection has it</td></tr>
 * <tr><td>certificates and key ({@code CRYPTO_BUFFER}, {@code EVP_PKEY})</td><td>with the {@code NativeContext}, or when the key manager
 * comes up with new ones</td><td>as a context; the library keeps them as long as a connection shows them</td></tr>
 * <tr><td>connection ({@code SSL}, with its two {@code BIO}s)</td><td>by the first {@code wrap} or {@code unwrap}</td>
 * <td>by the call that closes the second direction or sends the last byte of a fatal alert; by {@code NativeSslEngine.close}, in any
 * state; or when the engine cannot be reached any more</td></tr>
 * <tr><td>a session ({@code SSL_SESSION})</td><td>from a state, during one call</td><td>in that call, or the library owns it</td></tr>
 * <tr><td>scratch memory</td><td>when more threads are in calls than ever before</td><td>by the collector of garbage</td></tr>
 * </table>
 * <ul>
 * <li>The first three kinds are counted by owners ({@code Counted}): who uses one is an owner as long as it does, and the last one frees
 * it, on its thread. The net below that is a {@link java.lang.ref.Cleaner}, on its own thread: it frees what was dropped, late. An
 * engine that is closed by one side only is not freed by that, since data may still come; so who knows that a connection is over calls
 * {@code close}.</li>
 * <li>A connection is used by one thread at a time, which holds the engine's lock. The lock is not held while a delegated task runs what
 * may block; when that is done the task takes the lock and goes on with the handshake, if there still is one.</li>
 * <li>The library calls back during {@code LibSsl.handshake} only, on the same thread. What is called then may look at the engine and may
 * close it: the connection is freed when the library has returned. It cannot {@code wrap} or {@code unwrap}.</li>
 * <li>No exception leaves an upcall: each is caught, remembered as the reason of the failure, and answered as the failure rule says. A
 * ticket that cannot be opened is ignored, one that cannot be sealed is a decoy.</li>
 * <li>The library's queue of errors belongs to the thread: it is emptied before each step, and read right behind one that has failed.</li>
 * <li>Bytes of private keys and of session states are overwritten in our native memory as soon as the library has them. What the library
 * keeps it overwrites itself.</li>
 * </ul>
 *
 * <h2>What differs from SunJSSE</h2>
 * An engine that is closed in a handshake sends one fatal alert, {@code user_canceled}, in place of two warnings. After {@code
 * closeInbound} before the first byte nothing is sent, where SunJSSE sends what it is given in clear. There is no renegotiation: a
 * client of TLS 1.2 that asks for it gets the alert {@code no_renegotiation}, which ends the connection. A ClientHello in the format of
 * SSLv2 is refused. TLS 1.3 has all three of its cipher suites or none. Tickets of TLS 1.3 leave with the first response when the
 * request is there already.
 */
package io.github.tlsresumption.openssl;
