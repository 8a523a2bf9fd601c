/**
 * What is known of the connectors, as meters of Micrometer: the only package that knows it, or Prometheus. Of ours it knows the face and
 * {@code status}.
 *
 * <p>Start with {@link io.github.tlsresumption.metrics.ResumptionMetrics}.
 */
package io.github.tlsresumption.metrics;
