/**
 * The project's cryptography: the only package that names an algorithm.
 * It depends on the JDK and on bcprov, and on nothing else of this project.
 */
package io.github.tlsresumption.crypto;
