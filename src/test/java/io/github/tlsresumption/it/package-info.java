/**
 * Integration tests, against a real Jetty that a test starts itself, by real clients.
 *
 * <p>Start with {@code SmokeIT}. {@code JettyBase} makes a base from the real jetty-home, {@code JettyProcess} is a server that runs, and
 * {@code OpenSsl} a client.
 */
package io.github.tlsresumption.it;
