# Jetty TLS Resumption is distributed under the Apache License 2.0
# (https://www.apache.org/licenses/LICENSE-2.0). There is no [license] section,
# because start.jar would then ask a question that a script cannot answer.

[description]
TLS of the JDK for the module tls-resumption, which adds it by default.

[tags]
3rdparty
connector
ssl
tls-resumption

[provides]
tls-resumption-engine|default

[depend]
tls-resumption-core

[exec]
--add-opens=java.base/sun.security.ssl=ALL-UNNAMED

[jpms]
add-opens: java.base/sun.security.ssl=io.github.tlsresumption
