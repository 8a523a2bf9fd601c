package io.github.tlsresumption.jsse;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.Map;

/**
 * The two providers by which SunJSSE comes to seal and open its tickets with us.
 * <p>
 * The generator's stands first, since nothing but its place makes JCA ask it; it serves strangers with the next
 * provider's generator. The cipher's stands right behind the last that has the same algorithm: it is reached by its key class
 * alone, and strangers who ask a cipher for its provider or parameters before {@code init} never meet it. At the end of the list JCA
 * would come to it only after all between, twice in a handshake.
 */
final class StekProvider extends Provider
{
    private static final long serialVersionUID = 1L;
    private static final String KEY_GENERATOR = "KeyGenerator";
    private static final String CIPHER_TYPE = "Cipher";
    private static final String GCM = "AES/GCM/NoPadding";

    private static int installed;
    private static final StekProvider GENERATOR = new StekProvider("TlsResumptionKey", KEY_GENERATOR,
        "KeyGenerator of the opaque ticket key");
    private static final StekProvider CIPHER = new StekProvider("TlsResumptionCipher", CIPHER_TYPE, "Cipher of the opaque ticket key");

    static
    {
        GENERATOR.putService(new Service(GENERATOR, KEY_GENERATOR, "AES", StekGenerator.class.getName(), null, null)
        {
            @Override
            public Object newInstance(Object parameter)
            {
                return new StekGenerator();
            }
        });
        CIPHER.putService(new Service(CIPHER, CIPHER_TYPE, GCM, TicketCipher.class.getName(), null,
            Map.of("SupportedKeyClasses", StekHandle.class.getName()))
        {
            @Override
            public Object newInstance(Object parameter) throws NoSuchAlgorithmException
            {
                return new TicketCipher();
            }

            @Override
            public boolean supportsParameter(Object parameter)
            {
                return parameter instanceof StekHandle;
            }
        });
    }

    private final String type;

    private StekProvider(String name, String type, String info)
    {
        super(name, "1", info);
        this.type = type;
    }

    /**
     * Every look-up of JCA passes here, some fifty in a handshake: what is not ours is told without a search.
     */
    @Override
    public Service getService(String type, String algorithm)
    {
        return this.type.equalsIgnoreCase(type) ? super.getService(type, algorithm) : null;
    }

    /**
     * Puts both providers in their places, or back into them; each call is to be answered by one of {@link #release()}.
     */
    static synchronized void acquire()
    {
        installed++;
        restore();
    }

    /**
     * Puts both providers back into their places, as long as somebody needs them. Another provider that came in front
     * meanwhile would make SunJSSE's next ticket key, and with it tickets that we never see. The cipher's stays where it is: a handshake
     * that did not find it meanwhile would end in an empty ticket, at which clients of TLS 1.3 abort.
     */
    static synchronized void restore()
    {
        if (installed == 0)
        {
            return;
        }
        if (Security.getProviders()[0] != GENERATOR)
        {
            Security.removeProvider(GENERATOR.getName());
            Security.insertProviderAt(GENERATOR, 1);
        }
        if (Security.getProvider(CIPHER.getName()) == null)
        {
            Security.insertProviderAt(CIPHER, placeOfCipher());
        }
    }

    /**
     * @return a position for {@link Security#insertProviderAt}
     */
    private static int placeOfCipher()
    {
        Provider[] providers = Security.getProviders();
        int last = providers.length - 1;
        while (last >= 0 && providers[last].getService(CIPHER_TYPE, GCM) == null)
        {
            last--;
        }
        // Whoever has it by another name alone is in front of the end.
        return (last < 0 ? providers.length : last + 1) + 1;
    }

    /**
     * Takes the providers out after the last one who needed them.
     */
    static synchronized void release()
    {
        if (--installed == 0)
        {
            Security.removeProvider(GENERATOR.getName());
            Security.removeProvider(CIPHER.getName());
        }
    }
}
