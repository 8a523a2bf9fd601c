[description]
A second HTTPS connector with resumption settings of its own, for the demo.

[tags]
demo
ssl

[depend]
https
http2
tls-resumption

[xml]
etc/demo-second-connector.xml

[ini-template]
## The port of the second connector.
# demo.second.port=8444

## How it resumes TLS 1.3 sessions: "ticket", "cache" or "off".
# demo.second.mode=ticket
