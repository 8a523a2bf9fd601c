# Micrometer, Prometheus' Java client and JSpecify are distributed under the Apache License 2.0
# (https://www.apache.org/licenses/LICENSE-2.0). There is no [license] section,
# because start.jar would then ask a question that a script cannot answer.

[description]
Metrics of TLS session resumption by Micrometer, for Prometheus, at /metrics of a
separate connector.

[tags]
3rdparty
connector
tls-resumption

[depend]
tls-resumption-admin-connector

[files]
maven://io.micrometer/micrometer-commons/${tls-resumption.micrometer.version}|lib/tls-resumption/metrics/micrometer-commons-${tls-resumption.micrometer.version}.jar
maven://io.micrometer/micrometer-core/${tls-resumption.micrometer.version}|lib/tls-resumption/metrics/micrometer-core-${tls-resumption.micrometer.version}.jar
maven://io.micrometer/micrometer-observation/${tls-resumption.micrometer.version}|lib/tls-resumption/metrics/micrometer-observation-${tls-resumption.micrometer.version}.jar
maven://io.micrometer/micrometer-registry-prometheus/${tls-resumption.micrometer.version}|lib/tls-resumption/metrics/micrometer-registry-prometheus-${tls-resumption.micrometer.version}.jar
maven://io.prometheus/prometheus-metrics-config/${tls-resumption.prometheus.version}|lib/tls-resumption/metrics/prometheus-metrics-config-${tls-resumption.prometheus.version}.jar
maven://io.prometheus/prometheus-metrics-core/${tls-resumption.prometheus.version}|lib/tls-resumption/metrics/prometheus-metrics-core-${tls-resumption.prometheus.version}.jar
maven://io.prometheus/prometheus-metrics-exposition-textformats/${tls-resumption.prometheus.version}|lib/tls-resumption/metrics/prometheus-metrics-exposition-textformats-${tls-resumption.prometheus.version}.jar
maven://io.prometheus/prometheus-metrics-model/${tls-resumption.prometheus.version}|lib/tls-resumption/metrics/prometheus-metrics-model-${tls-resumption.prometheus.version}.jar
maven://io.prometheus/prometheus-metrics-tracer-common/${tls-resumption.prometheus.version}|lib/tls-resumption/metrics/prometheus-metrics-tracer-common-${tls-resumption.prometheus.version}.jar
maven://org.jspecify/jspecify/${tls-resumption.jspecify.version}|lib/tls-resumption/metrics/jspecify-${tls-resumption.jspecify.version}.jar

[lib]
lib/tls-resumption/metrics/micrometer-commons-${tls-resumption.micrometer.version}.jar
lib/tls-resumption/metrics/micrometer-core-${tls-resumption.micrometer.version}.jar
lib/tls-resumption/metrics/micrometer-observation-${tls-resumption.micrometer.version}.jar
lib/tls-resumption/metrics/micrometer-registry-prometheus-${tls-resumption.micrometer.version}.jar
lib/tls-resumption/metrics/prometheus-metrics-config-${tls-resumption.prometheus.version}.jar
lib/tls-resumption/metrics/prometheus-metrics-core-${tls-resumption.prometheus.version}.jar
lib/tls-resumption/metrics/prometheus-metrics-exposition-textformats-${tls-resumption.prometheus.version}.jar
lib/tls-resumption/metrics/prometheus-metrics-model-${tls-resumption.prometheus.version}.jar
lib/tls-resumption/metrics/prometheus-metrics-tracer-common-${tls-resumption.prometheus.version}.jar
lib/tls-resumption/metrics/jspecify-${tls-resumption.jspecify.version}.jar

[xml]
etc/tls-resumption-metrics.xml

[jpms]
add-modules: micrometer.core, micrometer.registry.prometheus, io.prometheus.metrics.model

[ini]
tls-resumption.micrometer.version?=@micrometer.version@
tls-resumption.prometheus.version?=@prometheus.version@
tls-resumption.jspecify.version?=@jspecify.version@
