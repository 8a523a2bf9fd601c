/**
 * Measures the cost of a handshake with the operator's key store and JDK, and compares the risks of each mode. Only {@code cli} uses it.
 *
 * <p>Start with {@code ReportCommand}.
 */
package io.github.tlsresumption.cli.report;
