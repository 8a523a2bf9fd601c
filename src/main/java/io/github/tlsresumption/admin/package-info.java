/**
 * A separate, guarded server for operators on the loopback interface. It shows and changes the work of
 * {@link io.github.tlsresumption.ResumptionSslContextFactory}, and uses neither metrics nor an engine.
 *
 * <p>Start with {@link io.github.tlsresumption.admin.AdminServer}. {@code AdminApi} makes its responses; {@code Guard} decides who gets
 * them.
 */
package io.github.tlsresumption.admin;
