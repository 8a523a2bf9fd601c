/**
 * Redis, or Valkey, as the backend of a cluster: ticket keys, who was forgotten, and the session keys of mode {@code cache}. Jedis is
 * the client, since it needs one more jar where Lettuce needs a dozen.
 */
package io.github.tlsresumption.cluster.redis;
