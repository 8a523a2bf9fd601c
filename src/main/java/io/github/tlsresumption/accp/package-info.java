/**
 * Native cryptography beside SunJSSE, for the module {@code tls-resumption-accp}: the only package that uses the Amazon Corretto Crypto
 * Provider and Conscrypt. It uses no other package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.accp.NativeCryptography}, which installs the providers.
 */
package io.github.tlsresumption.accp;
