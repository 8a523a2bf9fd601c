# Jetty TLS Resumption is distributed under the Apache License 2.0
# (https://www.apache.org/licenses/LICENSE-2.0). There is no [license] section,
# because start.jar would then ask a question that a script cannot answer.

[description]
Resumes TLS sessions with a maximum duration, from a cache or with tickets,
under ticket keys that survive a restart and are rotated.

[tags]
3rdparty
connector
ssl
tls-resumption

# The oldest tested release: an older start.jar names both and stops.
[version]
@jetty.home.12.0.version@

# The module tls-resumption-jdk is the engine, unless tls-resumption-native is added.
[depend]
tls-resumption-core
tls-resumption-engine

[ini-template]
### TLS Session Resumption Configuration
### The keystore and the TLS parameters stay in the jetty.sslContext.* properties.
### Durations are seconds, or have a unit: 90s, 30m, 8h, 1d.

## How TLS 1.3 sessions are resumed: "ticket", "cache" or "off".
## ticket: the client carries the session, sealed under the server's ticket keys;
##         the server keeps nothing per client.
## cache:  the server also keeps one key per session; nobody can read the ticket
##         without it.
## off:    every connection makes a full handshake. If no connector resumes
##         sessions, there are no ticket keys.
# jetty.tlsResumption.mode=ticket

## How TLS 1.2 sessions are resumed: "ticket", "cache" or "off".
## In TLS 1.2 a thief of a ticket key can also decrypt recorded connections of
## the sessions that it sealed; "cache" has no such key.
## The default is "off" when jetty.tlsResumption.mode is "off", otherwise
## "cache".
# jetty.tlsResumption.tls12Mode=cache

## Whether mode "ticket" may be used for TLS 1.2, here and in rules: "allow" or
## "forbid". With "forbid" no ticket key can ever decrypt recorded traffic.
# jetty.tlsResumption.tls12TicketMode=allow

## How long after its full handshake a session may be resumed, in seconds,
## from 1 to 604800 (7 days). A resumption never extends it.
# jetty.tlsResumption.maxSessionDuration=86400

## The name of the group of connectors that resume each other's sessions.
## By default a connector resumes only its own sessions. Connectors without a
## scope are identified by the order in which they start.
# jetty.tlsResumption.scope=

## The max number of sessions that can be resumed from the cache.
# jetty.tlsResumption.maxCachedSessions=100000

## Where the ticket keys are kept: "file"; "secret", a file that somebody else
## writes and rotates, such as a mounted Secret, and the server only reads; or
## "memory", where a restart of the server ends all sessions. Do not set "memory"
## if the nodes of a cluster share the keys.
# jetty.tlsResumption.ticketKeyStore=file

## The file that keeps the ticket keys over a restart, either an absolute path
## or a relative path to $JETTY_BASE. It is created when it does not exist. In a
## directory that others may write to, it is in a separate subdirectory.
# jetty.tlsResumption.ticketKeyFile=etc/tls-resumption.keys

## The file that keeps the forget list over a restart, either an absolute path or
## a relative path to $JETTY_BASE. By default it is beside the ticket key file. When
## jetty.tlsResumption.ticketKeyStore is "secret", the list is in memory by default:
## then sessions from before the start, or of another node, are not resumed.
# jetty.tlsResumption.forgetLogFile=

## The passphrase that encrypts the ticket key file, if any.
## Note that OBF passwords are not secure, just protected from casual observation.
# jetty.tlsResumption.ticketKeyPassphrase=

## A file that holds the passphrase instead, either an absolute path
## or a relative path to $JETTY_BASE. Nobody else may read it: mode 0600, or 0440 of root.
# jetty.tlsResumption.ticketKeyPassphraseFile=

## How long a ticket key seals new tickets before the next key does, in seconds.
# jetty.tlsResumption.rotation.sealPeriod=43200

## How long before its first use a ticket key is stored, in seconds.
# jetty.tlsResumption.rotation.lead=600

## How long a ticket key opens tickets after its last seal, in seconds.
## The default is jetty.tlsResumption.maxSessionDuration. If connectors share a
## ticket key file, set the longest value in all of them.
# jetty.tlsResumption.rotation.lifetime=86400

## Rules for single clients, separated by ";". The first that matches wins. Example:
## admins network=10.1.0.0/16 mode=cache maxDuration=600; pay host=pay.example.com mode=off
# jetty.tlsResumption.rules=

## A file with such rules instead, one in each line, either an absolute path or a
## relative path to $JETTY_BASE. It is read again when it changes.
# jetty.tlsResumption.rulesFile=

## How many bits of its address identify a client without a certificate, when
## clients are forgotten.
# jetty.tlsResumption.client.ipv4Prefix=32
# jetty.tlsResumption.client.ipv6Prefix=64

## Seconds by which the clocks of the nodes of a cluster may differ, and by which a
## clock may be set back. In a cluster, forgetting a client also covers sessions
## created up to this many seconds later.
# jetty.tlsResumption.clockSkew=120

## The max number of entries on the forget list: sessions, clients, users and rules.
## Beyond it, all sessions older than the oldest entries are forgotten.
# jetty.tlsResumption.maxForgotten=100000

## The max number of session-to-user bindings. Beyond it, forgetting a user forgets
## all sessions older than those bound.
# jetty.tlsResumption.maxPrincipals=100000

## How many tickets a client gets after each handshake of TLS 1.3, from 1 to 10.
## It applies to the whole JVM, so all connectors need the same value. JDK 17
## can send only 1, and so can JDK 21 before its later updates.
# jetty.tlsResumption.ticketsPerConnection=1

## Whether to end a connection that is still open when its session's deadline passes
## or the session is forgotten: running requests are finished, new ones are not
## accepted. This includes sessions that are not resumed, as with mode "off".
# jetty.tlsResumption.closeAtDeadline=false

## How long such a connection may finish its running requests, in seconds, from 1 to
## 3600. It is cut then.
# jetty.tlsResumption.closeTimeout=30

## The implementation of TLS: "jdk" is the JDK's own, "native" a native library's.
## To choose "native", add the module tls-resumption-native, which sets it.
# jetty.tlsResumption.engine=jdk

## With "native": "openssl", the default, for OpenSSL 3 of the system, "boringssl"
## for Debian's package android-libboringssl, or the file of libssl of one of them
## or of AWS-LC; and the file of libcrypto, by default the one beside libssl.
# jetty.tlsResumption.native.library=openssl
# jetty.tlsResumption.native.crypto=

## What to do when the self-test at start fails on this JDK: "fail" stops the
## start, "session-id" continues with the JDK's own cache.
# jetty.tlsResumption.fallback=fail
