package io.github.tlsresumption.jsse;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.ticket.CachedSession;
import io.github.tlsresumption.ticket.StableId;
import io.github.tlsresumption.ticket.TicketProtector;
import io.github.tlsresumption.ticket.TlsHandshake;
import io.github.tlsresumption.ticket.TlsSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether the SunJSSE at hand is the one that this package knows: in memory, a session is established with one
 * context and resumed twice by another, and is not resumed once we refuse. If that fails with a {@link LocalChain} cut out of the states
 * it is tried again without. A resumption of TLS 1.2 is also tried {@linkplain TicketOffer without a new ticket}. Done once in a JVM, for
 * it takes a few hundred milliseconds. Silent loss of resumption is the commonest failure of its kind, so nothing is taken for granted.
 */
final class SelfTest
{
    private static final String CLIENT_PROPERTY = "jdk.tls.client.enableSessionTicketExtension";
    private static final Logger LOG = LoggerFactory.getLogger(SelfTest.class);
    private static final String HOST = "self-test";
    private static final String TLS13 = "TLSv1.3";
    private static final int KEPT_RESUMPTIONS = 2;

    private static Priming priming;
    private static Optional<String> failure;
    private static Set<String> cutting = Set.of();
    private static boolean proving;
    private static OptionalInt tickets = OptionalInt.empty();
    private static boolean withdrawing;

    private final SSLContext client;
    private final Set<String> toCut;
    private final Set<String> passed = new HashSet<>();
    private boolean proofs = true;
    private OptionalInt sent = OptionalInt.empty();
    private boolean withdrawn;
    private int port;

    private SelfTest(Set<String> toCut) throws GeneralSecurityException
    {
        this.toCut = toCut;
        this.client = Priming.newClientContext();
    }

    static synchronized Priming priming() throws GeneralSecurityException
    {
        if (priming == null)
            priming = newPriming();
        return priming;
    }

    /**
     * @return one whose certificate the JVM's settings of curves and algorithms allow, if there is any
     */
    private static Priming newPriming() throws GeneralSecurityException
    {
        for (SelfSignedCertificate.Algorithm algorithm : SelfSignedCertificate.Algorithm.values())
        {
            Priming candidate = new Priming(algorithm);
            SSLContext server = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
            server.init(new KeyManager[]{new EngineKeyManager(new NoKeys())}, null, new SecureRandom());
            try
            {
                candidate.handshake(server.createSSLEngine(), Priming.newClientContext().createSSLEngine());
                return candidate;
            }
            catch (SSLException x)
            {
                LOG.debug("no handshake in memory with {}", algorithm, x);
            }
        }
        return new Priming(SelfSignedCertificate.Algorithm.EC_P256);
    }

    /**
     * @return what went wrong, or empty
     */
    static synchronized Optional<String> failure()
    {
        if (failure == null)
        {
            SunJsse.acquire();
            try
            {
                SelfTest whileCutting = new SelfTest(Set.copyOf(Priming.PROTOCOLS));
                failure = whileCutting.result();
                proving = whileCutting.proofs;
                tickets = whileCutting.sent;
                withdrawing = whileCutting.withdrawn;
                if (failure.isEmpty())
                {
                    cutting = Set.copyOf(whileCutting.passed);
                }
                else
                {
                    LOG.info("The server's certificates stay in the tickets: {}", failure.get());
                    SelfTest whole = new SelfTest(Set.of());
                    failure = whole.result();
                    proving = whole.proofs;
                    tickets = whole.sent;
                    withdrawing = whole.withdrawn;
                }
            }
            catch (GeneralSecurityException | RuntimeException | LinkageError x)
            {
                failure = Optional.of(x.toString());
                LOG.debug("self-test", x);
            }
            finally
            {
                SunJsse.release();
            }
        }
        return failure;
    }

    /**
     * @return the protocols of whose states a {@link LocalChain} can be cut out: those in which sessions have resumed without it
     */
    static synchronized Set<String> cutting()
    {
        failure();
        return cutting;
    }

    /**
     * @return whether it can be told of the sessions that were resumed that their client has proven to have their secret
     */
    static synchronized boolean proving()
    {
        failure();
        return proving;
    }

    /**
     * @return how many tickets SunJSSE has sent after a handshake of TLS 1.3; empty when that was not tested
     */
    static synchronized OptionalInt tickets()
    {
        failure();
        return tickets;
    }

    /**
     * @return whether sessions of TLS 1.2 have been resumed without a new ticket, again and again
     */
    static synchronized boolean withdrawing()
    {
        failure();
        return withdrawing;
    }

    private Optional<String> result()
    {
        try
        {
            return run();
        }
        catch (GeneralSecurityException | SSLException | RuntimeException | LinkageError x)
        {
            LOG.debug("self-test", x);
            return Optional.of(x.toString());
        }
    }

    private Optional<String> run() throws GeneralSecurityException, SSLException
    {
        Protector protector = new Protector();
        SSLContext first = newContext(protector);
        // Without the option only the same context can take its tickets; that is reported where it matters.
        SSLContext second = KeyNumber.obstacle().isPresent() ? first : newContext(protector);
        int tested = 0;
        String last = Priming.PROTOCOLS.get(Priming.PROTOCOLS.size() - 1);
        for (String protocol : Priming.PROTOCOLS)
        {
            if (!Priming.agree(first.createSSLEngine(), client.createSSLEngine(), protocol))
                continue;
            // A JSSE client that was told not to use tickets of TLS 1.2 cannot try them.
            if ("TLSv1.2".equals(protocol) && "false".equalsIgnoreCase(System.getProperty(CLIENT_PROPERTY)))
                continue;
            port++;
            protector.reset();
            try
            {
                handshake(first, protocol);
            }
            catch (SSLException x)
            {
                if (tested == 0 && protocol.equals(last))
                    throw x;
                // Some settings leave one of the protocols without a cipher suite for our certificate.
                LOG.debug("{} is not tested", protocol, x);
                continue;
            }
            tested++;
            if ("TLSv1.3".equals(protocol))
                sent = OptionalInt.of(protector.sealed);
            if (protector.sealed == 0)
                return Optional.of("with " + protocol + " no ticket is sealed by us");
            handshake(second, protocol);
            if (!protector.resumed)
                return Optional.of("with " + protocol + (protector.opened == 0 ? " no ticket comes to us" : " no session is resumed"));
            handshake(second, protocol);
            if (!protector.resumed)
                return Optional.of("with " + protocol + " no session is resumed a second time");
            passed.add(protocol);
            if (!TLS13.equals(protocol))
            {
                withdrawn = withdraws(second, protocol, protector);
            }
            proofs &= !protector.unproven;
            protector.refusing = true;
            handshake(second, protocol);
            if (protector.resumed)
                return Optional.of("with " + protocol + " a session is resumed although we refuse its ticket");
        }
        return Optional.empty();
    }

    private boolean withdraws(SSLContext context, String protocol, Protector protector) throws GeneralSecurityException
    {
        protector.keeping = true;
        int sealed = protector.sealed;
        try
        {
            for (int i = 0; i < KEPT_RESUMPTIONS; i++)
            {
                handshake(context, protocol);
                if (!protector.resumed || protector.sealed > sealed)
                {
                    LOG.debug("with {} a resumption has a new ticket", protocol);
                    return false;
                }
            }
            return true;
        }
        catch (SSLException e)
        {
            LOG.debug("with {} there is no resumption without a new ticket", protocol, e);
            return false;
        }
        finally
        {
            protector.keeping = false;
        }
    }

    private SSLContext newContext(Protector protector) throws GeneralSecurityException
    {
        SSLContext plain = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
        SSLContext context = ResumptionSSLContext.of(plain, protector, new byte[0], priming(), toCut, TicketOffer.isPossible());
        context.init(new KeyManager[]{new NoKeys()}, null, new SecureRandom());
        return context;
    }

    private void handshake(SSLContext context, String protocol) throws GeneralSecurityException, SSLException
    {
        SSLEngine engine = client.createSSLEngine(HOST, port);
        engine.setEnabledProtocols(new String[]{protocol});
        priming().handshake(context.createSSLEngine(HOST, port), engine);
    }

    /**
     * Tickets that hide nothing, for they never leave this process.
     */
    private static final class Protector implements TicketProtector
    {
        private static final int HEADER_BYTES = 32;

        private int sealed;
        private int opened;
        private boolean resumed;
        private boolean refusing;
        private boolean keeping;
        private boolean unproven;

        private void reset()
        {
            unproven = false;
            sealed = 0;
            opened = 0;
            resumed = false;
            refusing = false;
        }

        @Override
        public Tickets begin(TlsHandshake handshake)
        {
            return new Tickets()
            {
                @Override
                public Optional<byte[]> open(byte[] ticket, byte[] associatedData, int stateFormat)
                {
                    opened++;
                    byte[] state = Arrays.copyOfRange(ticket, HEADER_BYTES, ticket.length);
                    unproven |= handshake.proof(state) == TlsHandshake.Proof.MISSING;
                    return refusing ? Optional.empty() : Optional.of(state);
                }

                @Override
                public boolean isExhausted(int offered)
                {
                    return false;
                }

                @Override
                public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat)
                {
                    sealed++;
                    byte[] ticket = new byte[HEADER_BYTES + state.length];
                    System.arraycopy(state, 0, ticket, HEADER_BYTES, state.length);
                    return Optional.of(ticket);
                }

                @Override
                public boolean renews()
                {
                    return !keeping;
                }

                @Override
                public boolean resumable(String protocol)
                {
                    return true;
                }

                @Override
                public boolean resumableById(CachedSession cached)
                {
                    return false;
                }

                @Override
                public TlsSession finished(byte[] sessionId)
                {
                    resumed = handshake.resumed();
                    Instant established = Instant.ofEpochMilli(handshake.creationTime());
                    return new TlsSession(StableId.random(), resumed, "ticket", handshake.protocol().orElseThrow(),
                        established, established, 0, "");
                }
            };
        }
    }

    /**
     * The key manager of a context that only handshakes in memory use.
     */
    private static final class NoKeys extends X509ExtendedKeyManager
    {
        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers)
        {
            return null;
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket)
        {
            return null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers)
        {
            return null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket)
        {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias)
        {
            return null;
        }

        @Override
        public PrivateKey getPrivateKey(String alias)
        {
            return null;
        }
    }
}
