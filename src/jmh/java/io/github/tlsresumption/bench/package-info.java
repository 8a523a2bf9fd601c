/**
 * JMH benchmarks of functions and of handshakes in memory, and what runs and compares them. Start with {@code ./bench}.
 */
package io.github.tlsresumption.bench;
