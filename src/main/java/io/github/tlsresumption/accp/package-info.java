/**
 * Native cryptography beside SunJSSE.
 */
package io.github.tlsresumption.accp;
