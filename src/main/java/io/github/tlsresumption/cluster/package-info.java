/**
 * The data that the nodes of a cluster share in one backend, and the clock that they use. It uses the SPIs of the stores in {@code keys},
 * {@code forget} and {@code sessions}, and no backend: the backends are in the packages below, and do not use each other.
 *
 * <p>Start with {@link io.github.tlsresumption.cluster.SharedStores}, which a backend implements.
 * {@link io.github.tlsresumption.cluster.SealedRing} and {@link io.github.tlsresumption.cluster.SessionKeyCodec} seal the keys
 * there; {@link io.github.tlsresumption.cluster.ClockWatch} and {@link io.github.tlsresumption.cluster.ClusterClock} decide which clock
 * counts.
 */
package io.github.tlsresumption.cluster;
