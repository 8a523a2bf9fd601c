[description]
A page and a JSON API for operators of TLS session resumption. They show handshakes,
ticket keys and stores, rotate and drop ticket keys, and forget sessions.

[tags]
3rdparty
connector
tls-resumption

[depend]
tls-resumption-admin-connector

[xml]
etc/tls-resumption-admin.xml
