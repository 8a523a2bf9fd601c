# Jetty TLS Resumption, the Amazon Corretto Crypto Provider and Conscrypt are distributed under the Apache License 2.0
# (https://www.apache.org/licenses/LICENSE-2.0). The latter two contain AWS-LC and BoringSSL, under the licenses of
# https://github.com/aws/aws-lc/blob/main/LICENSE and https://github.com/google/boringssl/blob/main/LICENSE. There is no [license] section,
# because start.jar would then ask a question that a script cannot answer.

[description]
Native cryptography for the JDK's own TLS: the Amazon Corretto Crypto Provider, and
X25519 by Conscrypt. For Linux with glibc on x86_64 and aarch64; elsewhere the JDK's own is used.

[tags]
3rdparty
connector
ssl
tls-resumption

# So that start.jar refuses it together with tls-resumption-native, on which it has no effect.
[provides]
tls-resumption-native-cryptography

[depend]
tls-resumption

[before]
ssl
ssl-reload
alpn
https
http2
http3-quiche
jmx-remote-ssl

[files]
maven://software.amazon.cryptools/AmazonCorrettoCryptoProvider/${tls-resumption.accp.version}/jar/linux-x86_64|lib/tls-resumption/accp/AmazonCorrettoCryptoProvider-${tls-resumption.accp.version}-amd64.jar
maven://software.amazon.cryptools/AmazonCorrettoCryptoProvider/${tls-resumption.accp.version}/jar/linux-aarch_64|lib/tls-resumption/accp/AmazonCorrettoCryptoProvider-${tls-resumption.accp.version}-aarch64.jar
maven://org.conscrypt/conscrypt-openjdk-uber/${tls-resumption.conscrypt.version}|lib/tls-resumption/accp/conscrypt-openjdk-uber-${tls-resumption.conscrypt.version}.jar

[lib]
lib/tls-resumption/accp/AmazonCorrettoCryptoProvider-${tls-resumption.accp.version}-${os.arch}.jar
lib/tls-resumption/accp/conscrypt-openjdk-uber-${tls-resumption.conscrypt.version}.jar

[xml]
etc/tls-resumption-accp.xml

[exec]
--enable-native-access=ALL-UNNAMED

[jpms]
add-modules: com.amazon.corretto.crypto.provider, org.conscrypt

[ini]
tls-resumption.accp.version?=@accp.version@
tls-resumption.conscrypt.version?=@conscrypt.version@
