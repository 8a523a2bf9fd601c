/**
 * The command line. It knows the other packages, none knows it, and the jar that Jetty loads does not have it.
 */
package io.github.tlsresumption.cli;
