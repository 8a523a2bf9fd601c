/**
 * The public class {@link io.github.tlsresumption.ResumptionSslContextFactory}, which replaces Jetty's
 * {@code SslContextFactory.Server}, and one class for each task around it. It uses all packages except those of the engines and the outer
 * ones: {@code accp}, {@code admin}, {@code cli} and {@code metrics}.
 *
 * <p>The factory has Jetty's overrides; its setters are in {@code ConfigurableSslContextFactory}, its attributes and operations in
 * {@code ManagedSslContextFactory}. Start with the factory's {@code doStart}. Continue with {@code ScopeMember}, by which a connector joins
 * its {@code Scope}, and with {@code ScopeWiring}, which connects the stores, the ring and the forget list that a scope shares.
 */
package io.github.tlsresumption;
