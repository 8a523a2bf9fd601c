[description]
A server of its own for operators, on the loopback interface, on which the modules
tls-resumption-metrics and tls-resumption-admin show their pages.

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
### It speaks HTTP without TLS: leave it on the loopback interface, and go there by
### a tunnel such as ssh -L 8081:localhost:8081.

## The address on which it listens, or its name.
# jetty.tlsResumption.admin.host=127.0.0.1

## The port on which it listens.
# jetty.tlsResumption.admin.port=8081

## The password of the user "admin", without which nothing can be changed, and nothing
## can be read from elsewhere than the loopback interface.
## Note that OBF passwords are not secure, just protected from casual observation.
# jetty.tlsResumption.admin.password=

## A file that holds the password instead, either an absolute path or a relative path
## to $JETTY_BASE. Nobody else may read it: mode 0600, or 0440 of root.
# jetty.tlsResumption.admin.passwordFile=

## Whether reading from the loopback interface needs the password too.
# jetty.tlsResumption.admin.authenticateReads=false
