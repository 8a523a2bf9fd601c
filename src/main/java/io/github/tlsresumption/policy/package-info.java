/**
 * Which client may resume a session, how, and for how long. Knows neither Jetty nor an engine, of ours {@code crypto}, {@code ticket}
 * and {@code settings} alone.
 *
 * <p>Start with {@link io.github.tlsresumption.policy.SessionPolicy}, the question, and with {@link
 * io.github.tlsresumption.policy.SessionTerms}, the answer. {@link io.github.tlsresumption.policy.Rules} answers from an operator's
 * rules, {@link io.github.tlsresumption.policy.ConnectorTerms} for everybody else. {@link io.github.tlsresumption.policy.Deadline} is
 * the one place that knows when a session is over.
 */
package io.github.tlsresumption.policy;
