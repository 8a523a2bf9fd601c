# HikariCP is distributed under the Apache License 2.0 (https://www.apache.org/licenses/LICENSE-2.0).
# There is no [license] section, because start.jar would then ask a question that a script cannot answer.

[description]
Shares ticket keys, session keys and the forget list among the nodes of a cluster,
in a database: PostgreSQL or MariaDB; for one server also H2.

[tags]
3rdparty
connector
ssl
tls-resumption

[depend]
jdbc
tls-resumption
tls-resumption-jdbc/${tls-resumption.jdbc.driver}

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
maven://com.zaxxer/HikariCP/${tls-resumption.hikaricp.version}|lib/tls-resumption/HikariCP-${tls-resumption.hikaricp.version}.jar

[lib]
lib/tls-resumption/HikariCP-${tls-resumption.hikaricp.version}.jar

[xml]
etc/tls-resumption-jdbc.xml

[ini]
tls-resumption.hikaricp.version?=@hikaricp.version@
tls-resumption.jdbc.driver?=ext

[ini-template]
### TLS Session Resumption through a Database
### Set the same passphrase jetty.tlsResumption.ticketKeyPassphrase (or ...PassphraseFile)
### on every node: it encrypts the ticket keys in the database. With
### jetty.tlsResumption.ticketKeyStore=secret they are in ticketKeyFile instead, and no
### passphrase is needed.

## Where the JDBC driver comes from: "ext" takes the jar that you have put in
## $JETTY_BASE/lib/ext; "h2" fetches H2, a database in the server itself.
# tls-resumption.jdbc.driver=ext

## The database, for example jdbc:postgresql://db.example.com/jetty or
## jdbc:mariadb://db.example.com/jetty. Missing tables are created.
## For H2, jdbc:h2:file:/absolute/path/of/a/directory/name: one server keeps its sessions
## over a restart; it needs a password, and the directory is created with mode 0700.
## There is no default.
# jetty.tlsResumption.jdbc.url=

## The database's user and its password.
## Note that OBF passwords are not secure, just protected from casual observation.
# jetty.tlsResumption.jdbc.user=
# jetty.tlsResumption.jdbc.password=

## The prefix of the names of all tables.
# jetty.tlsResumption.jdbc.tablePrefix=tls_resumption_

## The max number of connections to the database for each scope of a node, at
## least 3. Four are kept open.
# jetty.tlsResumption.jdbc.poolSize=8

## How long a handshake waits for the database, in milliseconds, from 1 to 10000.
## After that the handshake is full.
# jetty.tlsResumption.jdbc.timeout=50
