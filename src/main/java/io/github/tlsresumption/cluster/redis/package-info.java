/**
 * Redis, or Valkey, as the backend of a cluster: ticket keys, forget list, and the session keys of mode {@code cache}. Jedis is the
 * client, since it needs one more jar where Lettuce needs a dozen; no other package uses it. This one uses the SPIs of the stores, and no
 * engine.
 *
 * <p>Start with {@link io.github.tlsresumption.cluster.redis.RedisStores}.
 */
package io.github.tlsresumption.cluster.redis;
