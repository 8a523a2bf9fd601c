/**
 * Writes and reads JSON with Jetty's parser and writer; apart from the outer packages, no other package uses Jetty. It uses no other
 * package of ours. {@code JsonObject} writes, {@code BoundedJson} reads.
 */
package io.github.tlsresumption.json;
