[description]
A page and a JSON API for operators of TLS session resumption: what it does, its
ticket keys, its stores; to rotate and drop ticket keys, and to forget sessions.

[tags]
3rdparty
connector
tls-resumption

[depend]
tls-resumption-admin-connector

[xml]
etc/tls-resumption-admin.xml
