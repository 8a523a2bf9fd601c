package io.github.tlsresumption.engine;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import javax.net.ssl.SSLContext;

/**
 * An implementation of TLS that lets us decide which sessions it resumes, and whether this JVM lets it. Found by {@link ServiceLoader}.
 * Thread-safe.
 */
public interface TlsEngine
{
    /**
     * @param name as {@link #name()} says it
     * @return the engine of that name, if its classes are here
     */
    static Optional<TlsEngine> find(String name)
    {
        // With the loader of these classes: the thread's may be that of a web application.
        return ServiceLoader.load(TlsEngine.class, TlsEngine.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get)
            .filter(engine -> engine.name().equals(name))
            .findFirst();
    }

    /**
     * @return the name by which settings choose it, such as {@code jdk}
     */
    String name();

    /**
     * @return the name of the JSSE provider whose contexts it works with
     */
    String provider();

    /**
     * Says which native library to use. To be called before {@link #obstacle()}.
     *
     * @param ssl the file of libssl, blank for the engine's choice
     * @param crypto the file of libcrypto, blank for the one beside libssl
     * @return why that cannot be, with the names of the settings, or empty
     */
    default Optional<String> useLibrary(String ssl, String crypto)
    {
        return ssl.isBlank() && crypto.isBlank() ? Optional.empty() : Optional.of("jetty.tlsResumption.native.library or "
            + "jetty.tlsResumption.native.crypto is set, but jetty.tlsResumption.engine is " + name()
            + ": remove it, or add the module tls-resumption-native");
    }

    /**
     * @return what it is, with the library and its version, for operators
     */
    String description();

    /**
     * Takes it into use, as before its first context; to be answered by one {@link #release()}.
     */
    void acquire();

    /**
     * Says that a user of it needs it no more.
     */
    void release();

    /**
     * @return why no context of ours can work in this JVM, or empty when one can; the first time this may take a while
     */
    Optional<String> obstacle();

    /**
     * @return whether {@link #newContextWithoutTickets} works when there is an obstacle
     */
    default boolean canFallBack()
    {
        return true;
    }

    /**
     * @return why tickets cannot be shared with other contexts, processes and nodes, or empty when they can.
     * Without it a ticket lives as long as its context: a keystore reload or a restart ends it.
     */
    Optional<String> sharingObstacle();

    /**
     * @return why a ticket of one use does not resume in TLS 1.3, or empty when it does
     */
    Optional<String> singleUseObstacle();

    /**
     * Has it send that many tickets after each handshake of TLS 1.3. To be called before {@link #obstacle()}.
     *
     * @param count how many, 1 or more
     * @return why it cannot be, with the names of the settings, or empty
     */
    Optional<String> requestTickets(int count);

    /**
     * To be called after {@link #obstacle()} has found none.
     *
     * @param count what was {@linkplain #requestTickets requested}
     * @return why it sends another number, or empty; also empty where TLS 1.3 is off, so that there are none
     */
    Optional<String> ticketsObstacle(int count);

    /**
     * @return how many tickets it sends after a handshake of TLS 1.3; empty when it cannot tell
     */
    OptionalInt ticketsPerConnection();

    /**
     * @return how often a context's {@link EngineContext#renew()} is to be called, or empty when never
     */
    Optional<Duration> renewalPeriod();

    /**
     * @param source makes a context of {@link #provider()}
     * @param protector decides on its sessions and protects its tickets
     * @param validation stands for all settings, beside the trust anchors, by which client certificates are validated: when it
     * changes, sessions end
     * @return a context to be used in its place
     * @throws GeneralSecurityException when it cannot be made, or the source's context is another provider's
     */
    EngineContext newContext(ContextSource source, TicketProtector protector, byte[] validation) throws GeneralSecurityException;

    /**
     * @param source makes a context of {@link #provider()}
     * @return that context with tickets turned off, and the engine's own cache alone
     * @throws GeneralSecurityException when it cannot be made
     */
    SSLContext newContextWithoutTickets(ContextSource source) throws GeneralSecurityException;
}
