# Jetty TLS Resumption and Caffeine are distributed under the Apache License 2.0
# (https://www.apache.org/licenses/LICENSE-2.0), the parts of Bouncy Castle in the jar under
# the MIT license (META-INF/licenses/bouncycastle.md in it). There is no [license] section,
# because start.jar would then ask a question that a script cannot answer.

[description]
The parts of the module tls-resumption except the TLS engine. Do not add it by itself:
the modules tls-resumption, tls-resumption-jdk and tls-resumption-native bring it.

[tags]
3rdparty
connector
ssl
tls-resumption

# Jetty 12.0 has no module ssl-context. There the module ssl has its XML file, below.
[depend]
server
?ssl-context

[after]
ssl-context

[before]
ssl
ssl-reload
alpn
https
http2
http3
http3-quiche
jmx-remote-ssl

[files]
maven://com.github.ben-manes.caffeine/caffeine/${tls-resumption.caffeine.version}|lib/tls-resumption/caffeine-${tls-resumption.caffeine.version}.jar

[lib]
lib/tls-resumption/jetty-tls-resumption-@project.version@.jar
lib/tls-resumption/caffeine-${tls-resumption.caffeine.version}.jar

[xml]
etc/tls-resumption-settings.xml
etc/jetty-ssl-context.xml
etc/tls-resumption.xml

[ini]
tls-resumption.caffeine.version?=@caffeine.version@
# Web applications see neither the keys nor the libraries.
jetty.webapp.addHiddenClasses+=,${jetty.base.uri}/lib/tls-resumption/
