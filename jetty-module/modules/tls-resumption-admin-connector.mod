[description]
A separate server for operators, on the loopback interface. The modules
tls-resumption-metrics and tls-resumption-admin show their pages on it.

[tags]
3rdparty
connector
tls-resumption

# Jetty 12.0 has the library and no module json.
[depend]
?json
tls-resumption

[lib]
lib/jetty-util-ajax-${jetty.version}.jar

[xml]
etc/tls-resumption-admin-connector.xml

[jpms]
add-modules: org.eclipse.jetty.util.ajax

[ini-template]
### Connector of the Metrics and the Admin Page of TLS Session Resumption
### It speaks HTTP without TLS: leave it on the loopback interface, and reach it
### through a tunnel such as ssh -L 8081:localhost:8081.

## The address or host name on which it listens.
# jetty.tlsResumption.admin.host=127.0.0.1

## The port on which it listens.
# jetty.tlsResumption.admin.port=8081

## The password of the user "admin". Without it nothing can be changed, and nothing
## can be read except from the loopback interface.
## Note that OBF passwords are not secure, just protected from casual observation.
# jetty.tlsResumption.admin.password=

## A file that holds the password instead, either an absolute path or a relative path
## to $JETTY_BASE. Nobody else may read it: mode 0600, or 0440 of root.
# jetty.tlsResumption.admin.passwordFile=

## Whether reading from the loopback interface needs the password too.
# jetty.tlsResumption.admin.authenticateReads=false
