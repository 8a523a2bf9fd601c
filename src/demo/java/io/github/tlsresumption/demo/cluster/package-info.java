/**
 * {@code ./demo cluster}: three Jetty processes, a balancer before them and clients, as the processes come and go.
 *
 * <p>Start with {@code ClusterDemo}.
 */
package io.github.tlsresumption.demo.cluster;
