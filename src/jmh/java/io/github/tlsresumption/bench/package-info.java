/**
 * JMH benchmarks of functions and of handshakes in memory, and the programs that run and compare them. Start with {@code ./bench}.
 */
package io.github.tlsresumption.bench;
