[description]
The JDBC driver in $JETTY_BASE/lib/ext, for TLS session resumption.

[tags]
tls-resumption

[depend]
ext
