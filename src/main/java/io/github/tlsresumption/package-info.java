/**
 * The face: {@link io.github.tlsresumption.ResumptionSslContextFactory}, which takes the place of Jetty's
 * {@code SslContextFactory.Server}, and one class for each job around it. Knows all packages but an engine's own and the outer ones:
 * {@code accp}, {@code admin}, {@code cli} and {@code metrics}.
 *
 * <p>The factory has Jetty's overrides; its setters are in {@code ConfigurableSslContextFactory}, its attributes and operations in
 * {@code ManagedSslContextFactory}. Start with {@code doStart} of the factory, go on with {@code ScopeMember}, by which a connector joins
 * its {@code Scope}, and with {@code ScopeWiring}, which puts together the stores, the ring and the forget list that a scope shares.
 */
package io.github.tlsresumption;
