[description]
An HTTPS connector that wakes fewer threads for each connection, for servers with
many handshakes. See docs/lean.md.

[tags]
3rdparty
connector
ssl
tls-resumption

[depend]
ssl
tls-resumption

[before]
alpn
https
http2
proxy-protocol-ssl
tls-resumption-second-connector

[xml]
etc/tls-resumption-lean.xml
