/**
 * What is known of the connectors at one moment, without secrets: immutable, and the same for all who show it. Knows no other package
 * of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.status.ServerStatus}.
 */
package io.github.tlsresumption.status;
