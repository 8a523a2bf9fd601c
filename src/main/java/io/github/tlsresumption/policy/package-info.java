/**
 * Decides which client may resume a session, how, and for how long. It uses neither Jetty nor an engine; of ours it uses only
 * {@code crypto}, {@code ticket} and {@code settings}.
 *
 * <p>Start with {@link io.github.tlsresumption.policy.SessionPolicy}, the question, and with {@link
 * io.github.tlsresumption.policy.SessionTerms}, the answer. {@link io.github.tlsresumption.policy.Rules} answers from an operator's
 * rules, {@link io.github.tlsresumption.policy.ConnectorTerms} for everybody else. {@link io.github.tlsresumption.policy.Deadline} is
 * the one place that decides when a session ends.
 */
package io.github.tlsresumption.policy;
