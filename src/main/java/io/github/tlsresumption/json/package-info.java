/**
 * JSON, written and read: the one package besides the outer ones that knows Jetty, whose parser and writer it uses. Knows no other
 * package of ours. {@code JsonObject} writes, {@code BoundedJson} reads.
 */
package io.github.tlsresumption.json;
