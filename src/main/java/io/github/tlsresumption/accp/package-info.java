/**
 * Native cryptography beside SunJSSE, for the module {@code tls-resumption-accp}: the only package that knows the Amazon Corretto Crypto
 * Provider and Conscrypt. Knows no other package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.accp.NativeCryptography}, which puts the providers in place.
 */
package io.github.tlsresumption.accp;
