/**
 * A small TLS client (RFC 5246, RFC 8446) that shows what a server does about resumption. Clients of libraries hide their tickets, and
 * refuse to offer one to another node or for another host; this one has no secrets and carries no traffic but one request. Knows no other
 * package of ours.
 *
 * <p>Start with {@code TlsClient}.
 */
package io.github.tlsresumption.cli.tls;
