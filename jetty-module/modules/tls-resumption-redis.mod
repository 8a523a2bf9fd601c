# Jetty TLS Resumption and Commons Pool are distributed under the Apache License 2.0
# (https://www.apache.org/licenses/LICENSE-2.0), Jedis under the MIT license
# (https://github.com/redis/jedis/blob/master/LICENSE).

[description]
Shares ticket keys, the forget list and the sessions of mode "cache" among the nodes
of a cluster, in Redis or Valkey: one primary, Sentinel, or Redis Cluster.

[tags]
3rdparty
connector
ssl
tls-resumption

[depend]
tls-resumption

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
maven://redis.clients/jedis/${tls-resumption.jedis.version}|lib/tls-resumption/redis/jedis-${tls-resumption.jedis.version}.jar
maven://org.apache.commons/commons-pool2/${tls-resumption.commons-pool.version}|lib/tls-resumption/redis/commons-pool2-${tls-resumption.commons-pool.version}.jar

[lib]
lib/tls-resumption/redis/jedis-${tls-resumption.jedis.version}.jar
lib/tls-resumption/redis/commons-pool2-${tls-resumption.commons-pool.version}.jar

[xml]
etc/tls-resumption-redis.xml

[jpms]
add-modules: redis.clients.jedis

[ini]
tls-resumption.jedis.version?=@jedis.version@
tls-resumption.commons-pool.version?=@commons-pool.version@

[ini-template]
### TLS Session Resumption in a Cluster, through Redis
### All nodes need the same settings here, the same certificates, and the same
### jetty.tlsResumption.ticketKeyPassphrase (or .ticketKeyPassphraseFile), which encrypts
### the ticket keys. Beside the path jetty.tlsResumption.ticketKeyFile there is only a
### file with the version of the keys. With jetty.tlsResumption.ticketKeyStore=secret
### the ticket keys are in ticketKeyFile instead, and no passphrase is needed.

## A Redis 6.2 or later, or a Valkey. The primary:
##   redis://user:password@host:port/database
## Its Sentinels, some or all:
##   redis-sentinel://user:password@host1:port,host2:port/database?master=name
## Nodes of a Redis Cluster, some or all:
##   redis-cluster://user:password@host1:port,host2:port
## With rediss in place of redis it uses TLS; host and certificate are checked against
## the JVM's trust store. User, password, port and database may be left out. Write
## special characters of user and password as %XX.
## There is no default. Without a password everybody who reaches Redis, on this host
## every user, may end all sessions or undo forgetting.
# jetty.tlsResumption.redis.uri=

## The prefix of the names of all keys.
# jetty.tlsResumption.redis.prefix=tls-resumption:

## How long a handshake waits for Redis, in milliseconds: for a connection, for a new
## one to be made, and for the answer. After that the handshake is full.
# jetty.tlsResumption.redis.timeout=50
