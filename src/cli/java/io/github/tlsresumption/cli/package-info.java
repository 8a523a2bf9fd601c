/**
 * The command line. It uses the other packages, none of them uses it, and it is not in the jar that Jetty loads.
 *
 * <p>Start with {@code Main}, which lists the commands; each command is a class.
 */
package io.github.tlsresumption.cli;
