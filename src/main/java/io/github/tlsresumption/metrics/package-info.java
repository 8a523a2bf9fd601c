/**
 * The state of the connectors as meters of Micrometer: the only package that uses Micrometer or Prometheus. Of ours it uses the root
 * package and {@code status}.
 *
 * <p>Start with {@link io.github.tlsresumption.metrics.ResumptionMetrics}.
 */
package io.github.tlsresumption.metrics;
