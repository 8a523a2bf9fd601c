/**
 * What is known of the connectors, as meters of Micrometer. The only package that knows it.
 */
package io.github.tlsresumption.metrics;
