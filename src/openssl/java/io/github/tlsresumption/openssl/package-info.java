/**
 * TLS of a native library, through {@link java.lang.foreign}: for JDK 22 and later.
 * @since 1
 */
package io.github.tlsresumption.openssl;
