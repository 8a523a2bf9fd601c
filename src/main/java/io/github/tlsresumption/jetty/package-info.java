/**
 * The code between Jetty and the decision: the request attributes, ALPN for our engines, the connectors of a server whenever they
 * are added, the end of open connections, the copy of Jetty's own settings, and certificates that stay over a reload. It uses Jetty,
 * {@code engine}, {@code ticket}, {@code resumption}, {@code files}, {@code crypto}, {@code settings} and {@code policy}.
 *
 * <p>Start with {@link io.github.tlsresumption.jetty.SessionCustomizer}, which applications see, and
 * {@link io.github.tlsresumption.jetty.OpenConnections}.
 */
package io.github.tlsresumption.jetty;
