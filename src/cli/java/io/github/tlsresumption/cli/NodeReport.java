package io.github.tlsresumption.cli;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.json.JsonObject;

/**
 * What was seen of a node.
 *
 * @param node the server
 * @param serverName the host that was named to it
 * @param unreachable why it could not be looked at, if so
 * @param certificate its own, if it showed one
 * @param untrusted what is wrong with that, if anything
 * @param examinations none when it could not be looked at
 */
record NodeReport(Node node, Optional<String> serverName, Optional<String> unreachable, Optional<X509Certificate> certificate,
    Optional<String> untrusted, List<Examination> examinations)
{
    JsonObject json()
    {
        JsonObject json = new JsonObject().with("node", node.name()).with("serverName", serverName).with("reachable", unreachable.isEmpty())
            .with("failure", unreachable);
        certificate.ifPresent(own -> json.with("certificate", new JsonObject().with("subject", own.getSubjectX500Principal().getName())
            .with("issuer", own.getIssuerX500Principal().getName()).with("notAfter", own.getNotAfter().toInstant().toString())
            .with("trusted", untrusted.isEmpty()).with("fault", untrusted)));
        return json.with("examinations", examinations.stream().map(Examination::json).toList());
    }
}
