package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.engine.TransparentTickets;
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
    /** Why SunJSSE may seal a ticket without us. */
    static final String NOT_OURS = "another security provider answers for KeyGenerator.AES or "
        + "AES/GCM/NoPadding, or tickets are turned off in this JVM";

    private static final Logger LOG = LoggerFactory.getLogger(SelfTest.class);
    private static final String HOST = "self-test";
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";
    private static final int KEPT_RESUMPTIONS = 2;

    private static Priming priming;
    private static Result result;

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
        {
            priming = newPriming();
        }
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
            for (String protocol : Priming.PROTOCOLS)
            {
                SSLEngine server = StockServer.newContext().createSSLEngine();
                SSLEngine client = Priming.newClientContext().createSSLEngine();
                try
                {
                    if (Priming.agree(server, client, protocol))
                    {
                        candidate.handshake(server, client, protocol);
                        return candidate;
                    }
                }
                catch (SSLException e)
                {
                    LOG.debug("no handshake in memory with {} and {}", protocol, algorithm, e);
                }
            }
        }
        return new Priming(SelfSignedCertificate.Algorithm.EC_P256);
    }

    /**
     * @return what went wrong, or empty
     */
    static Optional<String> failure()
    {
        return result().failure();
    }

    /**
     * @return the protocols of whose states a {@link LocalChain} can be cut out: those in which sessions have resumed without it
     */
    static Set<String> cutting()
    {
        return result().cutting();
    }

    /**
     * @return whether it can be told of the sessions that were resumed that their client has proven to have their secret
     */
    static boolean proving()
    {
        return result().proving();
    }

    /**
     * @return how many tickets SunJSSE has sent after a handshake of TLS 1.3; empty when that was not tested
     */
    static OptionalInt tickets()
    {
        return result().tickets();
    }

    /**
     * @return whether sessions of TLS 1.2 have been resumed without a new ticket, again and again
     */
    static boolean withdrawing()
    {
        return result().withdrawing();
    }

    private static synchronized Result result()
    {
        if (result == null)
        {
            StekProvider.acquire();
            try
            {
                result = tried();
            }
            catch (GeneralSecurityException | RuntimeException | LinkageError e)
            {
                result = new Result(Optional.of(e.toString()), Set.of(), false, OptionalInt.empty(), false);
                LOG.debug("self-test", e);
            }
            finally
            {
                StekProvider.release();
            }
        }
        return result;
    }

    private static Result tried() throws GeneralSecurityException
    {
        SelfTest test = new SelfTest(Set.copyOf(Priming.PROTOCOLS));
        Optional<String> failure = test.outcome();
        Set<String> cutting = failure.isEmpty() ? Set.copyOf(test.passed) : Set.of();
        if (failure.isPresent())
        {
            LOG.info("The server's certificates stay in the tickets: {}", failure.get());
            test = new SelfTest(Set.of());
            failure = test.outcome();
        }
        SunJsse.shortcomings().forEach(missing ->
            LOG.warn("{}; run a JDK with which the module is tested, see docs/limits.md", missing));
        if (failure.isEmpty() && test.passed.isEmpty())
        {
            LOG.warn("The self-test could not be done: system properties about the TLS clients of this JVM, such as {}, leave "
                + "none that resumes. Sessions are resumed all the same; to have that tested at start, remove those properties",
                clientProperties());
        }
        return new Result(failure, cutting, test.proofs, test.sent, test.withdrawn);
    }

    private Optional<String> outcome()
    {
        try
        {
            return run();
        }
        catch (GeneralSecurityException | SSLException | RuntimeException | LinkageError e)
        {
            LOG.debug("self-test", e);
            return Optional.of(e.toString());
        }
    }

    private Optional<String> run() throws GeneralSecurityException, SSLException
    {
        TransparentTickets protector = new TransparentTickets();
        SSLContext first = newContext(protector);
        // Without the option only the same context can take its tickets; that is reported where it matters.
        SSLContext second = KeyNumber.obstacle().isPresent() ? first : newContext(protector);
        boolean enabled = false;
        for (String protocol : Priming.PROTOCOLS)
        {
            if (!Priming.agree(first.createSSLEngine(), client.createSSLEngine(), protocol))
            {
                continue;
            }
            enabled = true;
            Optional<String> fault = fault(protector, first, second, protocol);
            if (fault.isEmpty())
            {
                passed.add(protocol);
                proofs &= !protector.unproven();
                priming().prove();
                continue;
            }
            if (StockServer.resumes(protocol, priming()))
            {
                return Optional.of("with " + protocol + ' ' + fault.get());
            }
            // No client of this JVM can try it: of the certificates that we have the settings allow none, or clients use no tickets.
            LOG.debug("{} is not tested: {}", protocol, fault.get());
            proofs &= TLS12.equals(protocol);
        }
        return enabled ? Optional.empty() : Optional.of("neither TLSv1.3 nor TLSv1.2 is enabled in this JVM");
    }

    /**
     * @return what is wrong with the resumption of a protocol, or empty
     */
    private Optional<String> fault(TransparentTickets protector, SSLContext first, SSLContext second, String protocol)
        throws GeneralSecurityException
    {
        port++;
        protector.reset();
        try
        {
            handshake(first, protocol);
            if (protector.sealed() == 0)
            {
                return Optional.of("no ticket is sealed by us: " + NOT_OURS);
            }
            if (TLS13.equals(protocol))
            {
                sent = OptionalInt.of(protector.sealed());
            }
            handshake(second, protocol);
            if (!protector.resumed())
            {
                return Optional.of(protector.opened() == 0 ? "no ticket comes to us" : "no session is resumed");
            }
            handshake(second, protocol);
            if (!protector.resumed())
            {
                return Optional.of("no session is resumed a second time");
            }
            if (TLS12.equals(protocol))
            {
                withdrawn = withdraws(second, protocol, protector);
            }
            protector.refuse();
            handshake(second, protocol);
            return protector.resumed() ? Optional.of("a session is resumed although we refuse its ticket") : Optional.empty();
        }
        catch (SSLException e)
        {
            LOG.debug("self-test", e);
            return Optional.of("a handshake in memory fails: " + e.getMessage());
        }
    }

    /**
     * @return the names of the properties that are set
     */
    private static List<String> clientProperties()
    {
        List<String> names = System.getProperties().stringPropertyNames().stream()
            .filter(name -> name.startsWith("jdk.tls.") && !name.startsWith("jdk.tls.server."))
            .sorted().toList();
        return names.isEmpty() ? List.of("jdk.tls.client.*") : names;
    }

    private boolean withdraws(SSLContext context, String protocol, TransparentTickets protector) throws GeneralSecurityException
    {
        protector.keep(true);
        int sealed = protector.sealed();
        try
        {
            for (int i = 0; i < KEPT_RESUMPTIONS; i++)
            {
                handshake(context, protocol);
                if (!protector.resumed() || protector.sealed() > sealed)
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
            protector.keep(false);
        }
    }

    private SSLContext newContext(TransparentTickets protector) throws GeneralSecurityException
    {
        SSLContext plain = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
        SSLContext context = ResumptionSSLContext.of(plain, protector, new byte[0], priming(), toCut, TicketOffer.isPossible());
        context.init(new KeyManager[]{new NoKeys()}, null, new SecureRandom());
        return context;
    }

    private void handshake(SSLContext context, String protocol) throws GeneralSecurityException, SSLException
    {
        priming().handshake(context.createSSLEngine(HOST, port), client.createSSLEngine(HOST, port), protocol);
    }

    private record Result(Optional<String> failure, Set<String> cutting, boolean proving, OptionalInt tickets, boolean withdrawing)
    {
    }
}
