/**
 * TLS session resumption under the operator's control for Jetty 12.1.
 */
module io.github.tlsresumption
{
    requires transitive org.eclipse.jetty.util;
    requires transitive org.eclipse.jetty.server;
    requires org.eclipse.jetty.alpn.java.server;
    requires com.github.benmanes.caffeine;
    requires org.bouncycastle.provider;
    requires org.slf4j;

    exports io.github.tlsresumption.keys;
    exports io.github.tlsresumption.policy;
}
