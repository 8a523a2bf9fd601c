/**
 * The project's cryptography: the only package that names an algorithm. It uses the JDK and bcprov, and no other package of ours.
 *
 * <p>Start with {@link io.github.tlsresumption.crypto.Xaes256Gcm}, which seals tickets.
 */
package io.github.tlsresumption.crypto;
