/**
 * What a handshake costs with one's own key store and JDK, and what each way of resumption risks.
 */
package io.github.tlsresumption.cli.report;
