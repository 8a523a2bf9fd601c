package io.github.tlsresumption.resumption;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.ticket.TlsHandshake;

/**
 * A handshake that tells what the test says. A value: the test makes a new one for what becomes known later, and
 * {@link Changing} shows the latest.
 */
record FakeHandshake(Optional<String> serverName, Optional<String> peerHost, long contextDigest, Optional<String> protocol,
    boolean resumed, long creationTime, List<X509Certificate> peerCertificates, boolean trusting,
    boolean extendedMasterSecret) implements TlsHandshake
{
    static FakeHandshake at(Instant time)
    {
        return new FakeHandshake(Optional.of("one.test"), Optional.of("192.0.2.1"), 4711, Optional.of("TLSv1.3"), false,
            time.toEpochMilli(), List.of(), true, true);
    }

    FakeHandshake withServerName(String name)
    {
        return new FakeHandshake(Optional.ofNullable(name), peerHost, contextDigest, protocol, resumed, creationTime,
            peerCertificates, trusting, extendedMasterSecret);
    }

    FakeHandshake withContextDigest(long digest)
    {
        return new FakeHandshake(serverName, peerHost, digest, protocol, resumed, creationTime,
            peerCertificates, trusting, extendedMasterSecret);
    }

    FakeHandshake withProtocol(String name)
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, Optional.ofNullable(name), resumed, creationTime,
            peerCertificates, trusting, extendedMasterSecret);
    }

    FakeHandshake resuming(Instant established)
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, true, established.toEpochMilli(),
            peerCertificates, trusting, extendedMasterSecret);
    }

    FakeHandshake withCertificate(X509Certificate certificate)
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, resumed, creationTime,
            List.of(certificate), trusting, extendedMasterSecret);
    }

    FakeHandshake from(String address)
    {
        return new FakeHandshake(serverName, Optional.ofNullable(address), contextDigest, protocol, resumed, creationTime,
            peerCertificates, trusting, extendedMasterSecret);
    }

    FakeHandshake distrusting()
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, resumed, creationTime, peerCertificates, false,
            extendedMasterSecret);
    }

    FakeHandshake withoutExtendedMasterSecret()
    {
        return new FakeHandshake(serverName, peerHost, contextDigest, protocol, resumed, creationTime, peerCertificates, trusting, false);
    }

    @Override
    public List<X509Certificate> peerCertificates(byte[] state)
    {
        return peerCertificates;
    }

    @Override
    public boolean trusts(List<X509Certificate> certificates)
    {
        return trusting;
    }

    /**
     * One handshake of which more becomes known as it goes on.
     */
    static final class Changing implements TlsHandshake
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
        public Optional<String> protocol()
        {
            return now.protocol();
        }

        @Override
        public boolean extendedMasterSecret()
        {
            return now.extendedMasterSecret();
        }

        @Override
        public boolean resumed()
        {
            return now.resumed();
        }

        @Override
        public long creationTime()
        {
            return now.creationTime();
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
        public boolean trusts(List<X509Certificate> certificates)
        {
            return now.trusts(certificates);
        }
    }
}
