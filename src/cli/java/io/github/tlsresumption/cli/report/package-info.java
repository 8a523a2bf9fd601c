/**
 * What a handshake costs with one's own key store and JDK, and what each way of resumption risks. Known by {@code cli} alone.
 *
 * <p>Start with {@code ReportCommand}.
 */
package io.github.tlsresumption.cli.report;
