# H2 is distributed under the Mozilla Public License 2.0 or the Eclipse Public License 1.0
# (https://h2database.com/html/license.html).

[description]
H2, a database in the server itself, for TLS session resumption of one server.

[tags]
3rdparty
tls-resumption

[files]
maven://com.h2database/h2/${tls-resumption.h2.version}|lib/tls-resumption/h2-${tls-resumption.h2.version}.jar

[lib]
lib/tls-resumption/h2-${tls-resumption.h2.version}.jar

[ini]
tls-resumption.h2.version?=@h2.version@
