/**
 * The web application of {@code ./demo}: it shows a browser the result of its handshake.
 *
 * <p>Start with {@code HandshakeServlet}.
 */
package io.github.tlsresumption.demo;
