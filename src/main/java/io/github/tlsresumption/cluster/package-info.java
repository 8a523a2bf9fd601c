/**
 * What the nodes of a cluster share on one backend, and whose clock they go by. Knows the SPIs of the stores in {@code keys},
 * {@code forget} and {@code sessions}, and no backend: those are below, and do not know each other.
 *
 * <p>Start with {@link io.github.tlsresumption.cluster.SharedStores}, which a backend implements.
 * {@link io.github.tlsresumption.cluster.SealedRing} and {@link io.github.tlsresumption.cluster.SessionKeyCodec} say how keys are sealed
 * there, {@link io.github.tlsresumption.cluster.ClockWatch} and {@link io.github.tlsresumption.cluster.ClusterClock} which clock counts.
 */
package io.github.tlsresumption.cluster;
