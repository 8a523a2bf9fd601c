/**
 * The state of the connectors at one moment, without secrets: immutable, and the same for everything that shows it. It uses no other
 * package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.status.ServerStatus}.
 */
package io.github.tlsresumption.status;
