/**
 * The command line. It knows the other packages, none knows it, and the jar that Jetty loads does not have it.
 *
 * <p>Start with {@code Main}, which lists the commands; each command is a class.
 */
package io.github.tlsresumption.cli;
