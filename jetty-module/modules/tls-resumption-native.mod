# Jetty TLS Resumption is distributed under the Apache License 2.0
# (https://www.apache.org/licenses/LICENSE-2.0). There is no [license] section,
# because start.jar would then ask a question that a script cannot answer.

[description]
TLS of a native library for the module tls-resumption, in place of the JDK's: OpenSSL 3
of the system, BoringSSL or AWS-LC. Needs JDK 22 or later. See docs/native.md.

[tags]
3rdparty
connector
ssl
tls-resumption

# The oldest tested release: an older start.jar names both and stops.
[version]
@jetty.home.12.0.version@

# The second is why start.jar refuses it together with tls-resumption-accp.
[provides]
tls-resumption-engine
tls-resumption-native-cryptography

[depend]
tls-resumption-core

[lib]
lib/tls-resumption/native/jetty-tls-resumption-@project.version@-native.jar

[exec]
--enable-native-access=ALL-UNNAMED

[ini]
jetty.tlsResumption.engine=native

[ini-template]
### Native TLS Configuration
### All other settings are those of the module tls-resumption.

## "openssl" for OpenSSL 3 of the system, "boringssl" for that of Debian's package
## android-libboringssl, or the file of libssl of one of them or of AWS-LC.
# jetty.tlsResumption.native.library=openssl

## The file of libcrypto, if it is not beside libssl.
# jetty.tlsResumption.native.crypto=
