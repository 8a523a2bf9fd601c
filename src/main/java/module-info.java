/**
 * TLS session resumption under the operator's control for Jetty 12.0 and 12.1.
 */
@SuppressWarnings("module")
module io.github.tlsresumption
{
    requires transitive org.eclipse.jetty.server;
    requires transitive org.eclipse.jetty.util;
    requires transitive java.sql;
    requires com.github.benmanes.caffeine;
    requires org.slf4j;
    requires static com.amazon.corretto.crypto.provider;
    requires static com.zaxxer.hikari;
    requires static io.prometheus.metrics.model;
    requires static jdk.jfr;
    requires static transitive micrometer.core;
    requires static micrometer.registry.prometheus;
    requires static org.apache.commons.pool2;
    // In the jar its classes have another package, of this module.
    requires static org.bouncycastle.provider;
    requires static org.conscrypt;
    requires static org.eclipse.jetty.http2.common;
    requires static org.eclipse.jetty.jmx;
    requires static org.eclipse.jetty.util.ajax;
    requires static transitive org.eclipse.jetty.xml;
    requires static redis.clients.jedis;

    uses io.github.tlsresumption.engine.TlsEngine;
    uses java.sql.Driver;
    uses org.eclipse.jetty.io.ssl.ALPNProcessor.Server;

    // What those use who embed Jetty, or bring a policy or stores of their own; see docs/embedding.md.
    exports io.github.tlsresumption;
    exports io.github.tlsresumption.cluster;
    exports io.github.tlsresumption.cluster.jdbc;
    exports io.github.tlsresumption.cluster.redis;
    exports io.github.tlsresumption.forget;
    exports io.github.tlsresumption.keys;
    exports io.github.tlsresumption.lean;
    exports io.github.tlsresumption.metrics;
    exports io.github.tlsresumption.policy;
    exports io.github.tlsresumption.sessions;
    exports io.github.tlsresumption.status;
    exports io.github.tlsresumption.ticket;
    // The engine of the module tls-resumption-native, which is not here when this is compiled.
    exports io.github.tlsresumption.crypto to io.github.tlsresumption.openssl;
    exports io.github.tlsresumption.engine to io.github.tlsresumption.openssl;
    // The MBean that Jetty's module jmx makes.
    exports io.github.tlsresumption.jmx to org.eclipse.jetty.jmx;
    // What the XML of the modules makes.
    exports io.github.tlsresumption.accp to org.eclipse.jetty.xml;
    exports io.github.tlsresumption.admin to org.eclipse.jetty.xml;

    provides io.github.tlsresumption.engine.TlsEngine with io.github.tlsresumption.jsse.JdkEngine;
    provides org.eclipse.jetty.io.ssl.ALPNProcessor.Server with io.github.tlsresumption.jetty.ResumptionALPNProcessor;
    provides org.eclipse.jetty.xml.ConfigurationProcessorFactory with io.github.tlsresumption.jetty.SettingsProcessorFactory;
}
