package io.github.tlsresumption.accp;

import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.amazon.corretto.crypto.provider.SelfTestStatus;
import org.conscrypt.Conscrypt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives SunJSSE, and everybody else in this JVM, native cryptography where it can be had and is quicker: what the Amazon Corretto Crypto
 * Provider has beside digests, and X25519, which it lacks, of Conscrypt. Where it cannot, the JDK's own stays.
 * <p>
 * To be {@linkplain #install() installed} before a server starts: private keys are then read in its form, and the providers that seal
 * tickets come in front of it.
 */
public final class NativeCryptography
{
    private static final Logger LOG = LoggerFactory.getLogger(NativeCryptography.class);
    private static final String OUR_PROVIDERS = "TlsResumption";

    private NativeCryptography()
    {
    }

    /**
     * Puts the providers in front of the JDK's, or says in the log why the JDK's own cryptography is used. Does nothing more the second
     * time.
     *
     * @return whether all are there
     */
    public static boolean install()
    {
        List<String> obstacles = install(List.of(() -> new Corretto().get(), () -> new X25519().get()));
        if (!obstacles.isEmpty())
        {
            LOG.warn("The module tls-resumption-accp does not work in full, and what is missing is left to the JDK: {}. It is for "
                + "Linux with glibc on x86_64 and aarch64, and needs a java.io.tmpdir from which libraries can be loaded; otherwise "
                + "disable it", String.join("; ", obstacles));
        }
        return obstacles.isEmpty();
    }

    /**
     * @param sources have the providers, the last one to be asked first
     * @return for each one that is not installed, why
     */
    static List<String> install(List<Source> sources)
    {
        List<String> obstacles = new ArrayList<>();
        for (Source source : sources)
        {
            try
            {
                Provider provider = source.get();
                // Nothing but their place lets SunJSSE find those who seal its tickets.
                boolean behindOurs = Security.getProviders()[0].getName().startsWith(OUR_PROVIDERS);
                if (Security.insertProviderAt(provider, behindOurs ? 2 : 1) > 0)
                {
                    LOG.info("Native cryptography: {}", provider.getInfo());
                }
            }
            catch (IllegalStateException e)
            {
                obstacles.add(e.getMessage());
            }
            catch (Exception | LinkageError e)
            {
                obstacles.add(e.toString());
            }
        }
        return obstacles;
    }

    /**
     * Has a provider.
     */
    @FunctionalInterface
    interface Source
    {
        /**
         * @return a provider that works
         * @throws Exception when there is none; a {@link LinkageError} when it is not on the class path, or its library cannot be loaded
         */
        Provider get() throws Exception;
    }

    /**
     * A class of its own, as X25519 is, and made when it is asked, so that a missing jar is found out only then.
     */
    static final class Corretto implements Source
    {
        @Override
        public Provider get()
        {
            AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
            Throwable error = provider.getLoadingError();
            if (error != null)
            {
                throw new IllegalStateException("the library of " + provider.getName() + " is not loaded: " + error, error);
            }
            if (provider.runSelfTests() != SelfTestStatus.PASSED)
            {
                throw new IllegalStateException(provider.getName() + " does not pass its own self-tests");
            }
            return new CorrettoProvider(provider);
        }
    }

    /**
     * X25519 for SunJSSE.
     */
    static final class X25519 implements Source
    {
        @Override
        public Provider get()
        {
            Conscrypt.checkAvailability();
            return new X25519Provider(Conscrypt.newProviderBuilder().provideTrustManager(false).build());
        }
    }
}
