/**
 * The web application of {@code ./demo}: it shows a browser what its handshake was.
 *
 * <p>Start with {@code HandshakeServlet}.
 */
package io.github.tlsresumption.demo;
