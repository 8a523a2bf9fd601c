/**
 * What Jetty's module {@code jmx} finds by its name: the MBean of a factory. Nobody knows it, and without that module it is not loaded.
 */
package io.github.tlsresumption.jmx;
