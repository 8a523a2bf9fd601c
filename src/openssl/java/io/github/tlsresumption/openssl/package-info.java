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
 * <li>{@code BoringSsl} and its parts: the BoringSSL family. {@code OpenSsl} and its parts: OpenSSL from version 3.0 on. {@code
 * CommonSsl} is what both do alike. {@code BoringSslFunctions} and {@code OpenSslFunctions} are the tables of functions, {@code
 * BoringSslUpcalls}, {@code OpenSslUpcalls} and {@code OpenSslTickets} what the libraries call. Raw addresses are read and written there,
 * in {@code Memory} and in {@code NativeConnection}, and nowhere else.</li>
 * </ul>
 *
 * <h2>Two shapes of a library</h2>
 * <table>
 * <caption>What {@code LibSsl.sealsTickets} tells apart</caption>
 * <tr><th></th><th>BoringSSL family</th><th>OpenSSL</th></tr>
 * <tr><td>tickets</td><td>{@code SealedByUs}: the library gives its state away, the ticket is ours byte for byte</td>
 * <td>{@code SealedByLibrary}: it asks for keys of ours; the record rides in the state as application data, and beside it the client's
 * certificates, of which the library keeps one</td></tr>
 * <tr><td>no ticket that can be opened</td><td>a decoy, in TLS 1.2 an empty one</td><td>sealed with keys that are dropped, in TLS 1.2 an
 * empty one</td></tr>
 * <tr><td>what may block</td><td>the library waits for the answer, which comes from a delegated task</td><td>the library waits at the
 * ClientHello only; from there on a step in which a ticket, a session id or a certificate may be judged runs in a delegated task as a
 * whole, without the engine's lock, and the engine's calls touch nothing native meanwhile</td></tr>
 * <tr><td>keys that stay in a token</td><td>sign when asked</td><td>are refused</td></tr>
 * <tr><td>tickets that ride with the first response</td><td>are held by the library</td><td>by {@code NativeConnection}</td></tr>
 * <tr><td>an alert of our choice</td><td>is sent</td><td>the library sends one of its own</td></tr>
 * </table>
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
 * <li>Where a delegated task is a step of the library itself, the engine's lock is held before and behind it, and {@code ConnectionLife}
 * knows that it is at work.</li>
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
 * client of TLS 1.2 that asks for it gets the alert {@code no_renegotiation}, which ends the connection with the BoringSSL family and does
 * not with OpenSSL. A ClientHello in the format of SSLv2 is refused. TLS 1.3 has all three of its cipher suites or none. Tickets of TLS
 * 1.3 leave with the first response when the request is there already.
 */
package io.github.tlsresumption.openssl;
