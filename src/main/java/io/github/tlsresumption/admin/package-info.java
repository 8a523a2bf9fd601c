/**
 * A server of its own for operators: guarded, on the loopback interface. It shows and changes what
 * {@link io.github.tlsresumption.ResumptionSslContextFactory} does, and knows no metrics and no engine.
 *
 * <p>Start with {@link io.github.tlsresumption.admin.AdminServer}; {@code AdminApi} is what it answers,
 * {@code Guard} whom.
 */
package io.github.tlsresumption.admin;
