/**
 * A connector of Jetty that wakes fewer threads for each connection, by public and protected methods of Jetty alone. It uses
 * {@code settings}.
 *
 * <p>Start with {@link io.github.tlsresumption.lean.LeanConnector}.
 */
package io.github.tlsresumption.lean;
