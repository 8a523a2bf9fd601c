/**
 * Integration tests with real clients, against a real Jetty that the test starts.
 *
 * <p>Start with {@code SmokeIT}. {@code JettyBase} makes a base from the real jetty-home, {@code JettyProcess} is a running server, and
 * {@code OpenSsl} a client.
 */
package io.github.tlsresumption.it;
