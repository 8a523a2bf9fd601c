/**
 * The TLS engine of a native library for {@code io.github.tlsresumption}.
 */
module io.github.tlsresumption.openssl
{
    requires com.github.benmanes.caffeine;
    requires io.github.tlsresumption;
    requires org.slf4j;

    provides io.github.tlsresumption.engine.TlsEngine with io.github.tlsresumption.openssl.NativeEngine;
}
