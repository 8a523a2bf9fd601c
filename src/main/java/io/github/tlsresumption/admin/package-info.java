/**
 * A server of its own for operators: guarded, on the loopback interface. It shows and changes what
 * {@link io.github.tlsresumption.ResumptionSslContextFactory} does, and knows no metrics.
 */
package io.github.tlsresumption.admin;
