package io.github.tlsresumption.resumption;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.engine.TlsHandshake.Proof;
import io.github.tlsresumption.ticket.Protocol;

/**
 * A handshake that tells what the test says. A value: the test makes a new one for what becomes known later, and
 * {@link Changing} shows the latest.
 *
 * @param established of the session that it establishes; of a session that it resumes an engine may tell any time
 * @param resumedFrom when the session that it resumes was established, null when it is full
 */
record FakeHandshake(Optional<String> serverName, Optional<String> peerHost, long contextDigest, Optional<Protocol> protocol,
    Instant established, Instant resumedFrom, List<X509Certificate> peerCertificates, boolean trusting,
    boolean extendedMasterSecret, Proof proof) implements MemoryEngine.Told
{
    /** As an engine tells it that resets the time of a session with each of its tickets. */
    private static final Instant ANY_TIME = Instant.parse("1999-12-31T23:59:59Z");

    static FakeHandshake at(Instant time)
    {
        return new FakeHandshake(Optional.of("one.test"), Optional.of("192.0.2.1"), 4711, Optional.of(Protocol.TLS_1_3), time, null,
            List.of(), true, true, Proof.GIVEN);
    }

    FakeHandshake withServerName(String name)
    {
        return new FakeHandshake(Optional.ofNullable(name), peerHost, contextDigest, protocol, established, resumedFrom,
            peerCertificates, trusting, extendedMasterSecret, proof);
    }

    FakeHandshake withContextDigest(long digest)
    {
        return new FakeHandshake(serverName, peerHost, digest, protocol, established, resumedFrom, peerCertificates, trusting,
            extendedMasterSecret, proof);
    }

    FakeHandshake withProtocol(String name)
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, Protocol.of(name), established, resumedFrom, peerCertificates,
            trusting, extendedMasterSecret, proof);
    }

    FakeHandshake resuming(Instant time)
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, ANY_TIME, time, peerCertificates, trusting,
            extendedMasterSecret, proof);
    }

    FakeHandshake withCertificate(X509Certificate certificate)
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, established, resumedFrom, List.of(certificate), trusting,
            extendedMasterSecret, proof);
    }

    FakeHandshake from(String address)
    {
        return new FakeHandshake(serverName, Optional.ofNullable(address), contextDigest, protocol, established, resumedFrom,
            peerCertificates, trusting, extendedMasterSecret, proof);
    }

    FakeHandshake distrusting()
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, established, resumedFrom, peerCertificates, false,
            extendedMasterSecret, proof);
    }

    FakeHandshake withoutExtendedMasterSecret()
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, established, resumedFrom, peerCertificates, trusting,
            false, proof);
    }

    FakeHandshake withProof(Proof shown)
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, established, resumedFrom, peerCertificates, trusting,
            extendedMasterSecret, shown);
    }

    @Override
    public List<X509Certificate> peerCertificates(byte[] state)
    {
        return peerCertificates;
    }

    @Override
    public Proof proof(byte[] state)
    {
        return proof;
    }

    @Override
    public boolean trusts(List<X509Certificate> certificates)
    {
        return trusting;
    }

    /**
     * One handshake of which more becomes known as it goes on.
     */
    static final class Changing implements MemoryEngine.Told
    {
        private FakeHandshake now;

        Changing(FakeHandshake first)
        {
            now = first;
        }

        void becomes(FakeHandshake next)
        {
            now = next;
        }

        FakeHandshake now()
        {
            return now;
        }

        @Override
        public Optional<String> serverName()
        {
            return now.serverName();
        }

        @Override
        public Optional<String> peerHost()
        {
            return now.peerHost();
        }

        @Override
        public long contextDigest()
        {
            return now.contextDigest();
        }

        @Override
        public Optional<Protocol> protocol()
        {
            return now.protocol();
        }

        @Override
        public boolean extendedMasterSecret()
        {
            return now.extendedMasterSecret();
        }

        @Override
        public Instant established()
        {
            return now.established();
        }

        @Override
        public Instant resumedFrom()
        {
            return now.resumedFrom();
        }

        @Override
        public List<X509Certificate> peerCertificates()
        {
            return now.peerCertificates();
        }

        @Override
        public List<X509Certificate> peerCertificates(byte[] state)
        {
            return now.peerCertificates(state);
        }

        @Override
        public Proof proof(byte[] state)
        {
            return now.proof(state);
        }

        @Override
        public boolean trusts(List<X509Certificate> certificates)
        {
            return now.trusts(certificates);
        }
    }
}
