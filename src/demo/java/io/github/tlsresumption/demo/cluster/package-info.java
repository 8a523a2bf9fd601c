/**
 * {@code ./demo cluster}: three Jetty processes, a balancer in front of them, and clients, while the processes come and go.
 *
 * <p>Start with {@code ClusterDemo}.
 */
package io.github.tlsresumption.demo.cluster;
