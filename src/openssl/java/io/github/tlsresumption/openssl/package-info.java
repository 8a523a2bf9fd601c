/**
 * TLS of a native library through {@link java.lang.foreign}, for JDK 22 and later: server engines whose tickets other code seals and
 * opens. It uses neither Jetty nor the code that decides. Start reading at {@link io.github.tlsresumption.openssl.NativeContext} and
 * {@link io.github.tlsresumption.openssl.NativeSslEngine}.
 *
 * <h2>Layers</h2>
 * <ul>
 * <li>{@code NativeSslEngine} is the JSSE engine with the lock, {@code ServerConnection} does its work, {@code ServerHandshake} makes the
 * decisions of its handshake, and {@code NativeConnection} is the library's connection.</li>
 * <li>{@code LibSsl} and {@code SslCallbacks}: the functions that we call in a library and the callbacks that it calls, in Java's types.
 * Tests have their own library behind them.</li>
 * <li>{@code BoringSsl} and its parts: the BoringSSL family. {@code OpenSsl} and its parts: OpenSSL from version 3.0 on. {@code
 * CommonSsl} has the common code. {@code BoringSslFunctions} and {@code OpenSslFunctions} are the tables of functions; the libraries
 * call {@code BoringSslUpcalls}, {@code OpenSslUpcalls} and {@code OpenSslTickets}. Raw addresses are read and written there,
 * in {@code Memory} and in {@code NativeConnection}, and nowhere else.</li>
 * </ul>
 *
 * <h2>Two shapes of a library</h2>
 * <table>
 * <caption>The two cases of {@code LibSsl.sealsTickets}</caption>
 * <tr><th></th><th>BoringSSL family</th><th>OpenSSL</th></tr>
 * <tr><td>tickets</td><td>{@code SealedByUs}: the library hands out its state, and every byte of the ticket is ours</td>
 * <td>{@code SealedByLibrary}: it asks for our keys; the state carries the record as application data, and beside it the client's
 * certificates, of which the library keeps one</td></tr>
 * <tr><td>no ticket that can be opened</td><td>a decoy, in TLS 1.2 an empty one</td><td>sealed with keys that are dropped, in TLS 1.2 an
 * empty one</td></tr>
 * <tr><td>calls that may block</td><td>the library waits for the answer, which comes from a delegated task</td><td>the library waits at the
 * ClientHello only; from there on a step in which a ticket, a session id or a certificate may be judged runs in a delegated task as a
 * whole, without the engine's lock, and the engine's calls touch nothing native meanwhile</td></tr>
 * <tr><td>keys that stay in a token</td><td>sign when asked</td><td>are rejected</td></tr>
 * <tr><td>tickets that leave with the first response</td><td>are held by the library</td><td>are held by {@code NativeConnection}</td></tr>
 * <tr><td>an alert of our choice</td><td>is sent</td><td>the library chooses the alert</td></tr>
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
 * <td>after {@code NativeContext.close}, when it was not used for long, or when the {@code NativeContext} is no longer reachable; in
 * each case when the last of its connections is freed, since states of sessions are read in it</td></tr>
 * <tr><td>certificates and key ({@code CRYPTO_BUFFER}, {@code EVP_PKEY})</td><td>with the {@code NativeContext}, or when the key manager
 * returns new ones</td><td>as a context; the library keeps them as long as a connection uses them</td></tr>
 * <tr><td>connection ({@code SSL}, with its two {@code BIO}s; these are replaced when large records have passed and the client has no
 * more to say)</td><td>by the first {@code wrap} or {@code unwrap}</td>
 * <td>by the call that closes the second direction or sends the last byte of a fatal alert; by {@code NativeSslEngine.close}, in any
 * state; or when the engine is no longer reachable</td></tr>
 * <tr><td>a session ({@code SSL_SESSION})</td><td>from a state, during one call</td><td>in that call, or the library owns it</td></tr>
 * <tr><td>scratch memory</td><td>when more threads are in calls than ever before</td><td>by the garbage collector</td></tr>
 * </table>
 * <ul>
 * <li>Contexts, certificates and keys, and connections are counted by owners ({@code Counted}): every user is an owner as long as it uses
 * the object, and the last one frees it, on its thread. As a fallback a {@link java.lang.ref.Cleaner}, on its own thread, frees dropped
 * objects later. Closing one side of an engine does not free it, since data may still come; so code that knows that a connection has
 * ended calls {@code close}.</li>
 * <li>A connection is used by one thread at a time, which holds the engine's lock. The lock is not held while a delegated task runs a
 * call that may block; after that the task takes the lock and continues the handshake, if there still is one.</li>
 * <li>If a delegated task is a step of the library itself, the engine's lock is held before and after it, and {@code ConnectionLife}
 * knows that it is running.</li>
 * <li>The library calls back during {@code LibSsl.handshake} only, on the same thread. A callback may look at the engine and may close
 * it: the connection is freed when the library has returned. It cannot {@code wrap} or {@code unwrap}.</li>
 * <li>No exception leaves an upcall: each is caught, remembered as the reason of the failure, and handled by the failure rule. A
 * ticket that cannot be opened is ignored, one that cannot be sealed is a decoy.</li>
 * <li>The library's queue of errors belongs to the thread: it is emptied before each step, and read directly after a failed step.</li>
 * <li>Bytes of private keys and of session states are overwritten in our native memory as soon as the library has them. The library
 * overwrites its copies itself.</li>
 * </ul>
 *
 * <h2>What differs from SunJSSE</h2>
 * An engine that is closed in a handshake sends one fatal alert, {@code user_canceled}, in place of two warnings. After {@code
 * closeInbound} before the first byte nothing is sent, while SunJSSE sends the data that it is given in clear. There is no renegotiation: a
 * client of TLS 1.2 that asks for it gets the alert {@code no_renegotiation}, which ends the connection with the BoringSSL family but
 * not with OpenSSL. A ClientHello in the format of SSLv2 is rejected. TLS 1.3 has all three of its cipher suites or none. Tickets of TLS
 * 1.3 leave with the first response when the request is there already.
 */
package io.github.tlsresumption.openssl;
