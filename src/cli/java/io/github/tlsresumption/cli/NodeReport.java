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
    /**
     * @param seen one of the examinations
     * @return what it comes to, beside the others
     */
    Resumption resumption(Examination seen)
    {
        Tries tries = seen.tries();
        if (tries.resumes())
        {
            return tries.isCold() ? Resumption.COLD : tries.isUnsteady() ? Resumption.UNSTEADY : Resumption.ON;
        }
        boolean others = examinations.stream().anyMatch(Examination::resumes);
        boolean byId = examinations.stream().anyMatch(other -> other.variant() == Variant.TLS12_IDS && other.resumes());
        boolean off = switch (seen.variant())
        {
            // OpenSSL gives names of sessions when it keeps none.
            case TLS13 -> !seen.isSealed() && !(seen.isName() && others);
            case TLS12_TICKETS -> !seen.isSealed() && !seen.isName() && !byId;
            case TLS12_IDS -> true;
        };
        return off ? Resumption.OFF : Resumption.BROKEN;
    }

    static String describe(X509Certificate certificate)
    {
        return certificate.getSubjectX500Principal().getName() + ", until " + certificate.getNotAfter().toInstant();
    }

    JsonObject json()
    {
        JsonObject json = new JsonObject().with("node", node.name()).with("serverName", serverName).with("reachable", unreachable.isEmpty())
            .with("failure", unreachable);
        certificate.ifPresent(own -> json.with("certificate", new JsonObject().with("subject", own.getSubjectX500Principal().getName())
            .with("issuer", own.getIssuerX500Principal().getName()).with("notAfter", own.getNotAfter().toInstant().toString())
            .with("trusted", untrusted.isEmpty()).with("fault", untrusted)));
        return json.with("examinations", examinations.stream().map(seen -> seen.json(resumption(seen))).toList());
    }
}
