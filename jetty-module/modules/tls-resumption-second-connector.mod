[description]
A second HTTPS connector that resumes sessions in another way: with a mode, a duration,
a scope and ticket keys of its own. All else is as on the first.

[tags]
3rdparty
connector
ssl
tls-resumption

[depend]
https
tls-resumption

# It takes over what these give to the first connector.
[after]
http2
proxy-protocol-ssl
tls-resumption-jdbc
tls-resumption-redis

[xml]
etc/tls-resumption-second-connector.xml

[ini-template]
### A Second HTTPS Connector with TLS Session Resumption of its Own
### All other settings are those of the first connector: jetty.sslContext.*, with the
### cipher suites and their order, jetty.ssl.*, and jetty.tlsResumption.*.

## The port the second connector listens on.
# jetty.tlsResumption.second.port=8444

## The host/address to bind it to. By default that of the first.
# jetty.tlsResumption.second.host=

## How TLS 1.3 sessions are resumed: "ticket", "cache" or "off".
## By default as on the first connector.
# jetty.tlsResumption.second.mode=

## How TLS 1.2 sessions are resumed: "ticket", "cache" or "off".
## The default is "off" when this connector's mode is "off", else as on the first.
# jetty.tlsResumption.second.tls12Mode=

## How long after its full handshake a session may be resumed, in seconds,
## from 1 to 604800 (7 days). By default as on the first connector.
# jetty.tlsResumption.second.maxSessionDuration=

## The name of the group of connectors that resume each other's sessions. With the
## scope of the first connector, mode, duration and ticket key file must be the same.
# jetty.tlsResumption.second.scope=second

## The file that keeps its ticket keys over a restart, either an absolute path or a
## relative path to $JETTY_BASE. Where the keys are a secret that somebody else writes
## it must be set; in a cluster, or with keys in memory, there is none.
# jetty.tlsResumption.second.ticketKeyFile=etc/tls-resumption-second.keys

## The file that keeps who was forgotten over a restart, either an absolute path
## or a relative path to $JETTY_BASE. By default it is beside the ticket key file.
# jetty.tlsResumption.second.forgetLogFile=

## Rules for single clients. By default those of the first connector, in either form;
## for rules in the other form than there, set the property of that form to nothing.
# jetty.tlsResumption.second.rules=
# jetty.tlsResumption.second.rulesFile=
