/**
 * A small TLS client (RFC 5246, RFC 8446) that shows how a server resumes sessions. Clients of libraries hide their tickets, and refuse to
 * offer one to another node or for another host. This one has no secrets and sends no traffic except one request. It uses no other package
 * of ours.
 *
 * <p>Start with {@code TlsClient}.
 */
package io.github.tlsresumption.cli.tls;
