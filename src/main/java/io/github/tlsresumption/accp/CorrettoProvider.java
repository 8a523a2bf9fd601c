package io.github.tlsresumption.accp;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKey;

/**
 * What another provider with a native library is good for: its services but for those that are left to the JDK. Of the few bytes of a
 * handshake, digests and message authentication codes take longer there than with the JDK's intrinsics; and {@code AES} alone is CBC
 * without padding there, where applications mean what it is in the JDK.
 * <p>
 * Keys that have no encoding are told apart before a cipher is made for them. The other one would refuse SunJSSE's ticket key by an
 * exception, whose stack trace takes longer than all that is done with the ticket.
 */
final class CorrettoProvider extends Provider
{
    private static final long serialVersionUID = 1L;

    private static final Set<String> TYPES_OF_THE_JDK = Set.of("MessageDigest", "Mac");
    private static final String CIPHER = "Cipher";
    private static final String AES = "AES";
    private static final List<String> ATTRIBUTES =
        List.of("SupportedModes", "SupportedPaddings", "SupportedKeyClasses", "SupportedKeyFormats", "ThreadSafe", "ImplementedIn");

    /**
     * @param delegate has the services; it need not be installed
     */
    CorrettoProvider(Provider delegate)
    {
        super("NativeCorretto", delegate.getVersionStr(), delegate.getInfo());
        for (Service service : delegate.getServices())
        {
            if (!isLeftToTheJdk(service))
            {
                putService(new DelegatingService(this, service, aliases(delegate, service), attributes(service)));
            }
        }
    }

    /**
     * @return whether this service of the other provider is not used
     */
    static boolean isLeftToTheJdk(Service service)
    {
        return TYPES_OF_THE_JDK.contains(service.getType()) || CIPHER.equals(service.getType()) && AES.equals(service.getAlgorithm());
    }

    private static List<String> aliases(Provider delegate, Service service)
    {
        String prefix = "Alg.Alias." + service.getType() + ".";
        List<String> aliases = new ArrayList<>();
        delegate.forEach((name, value) ->
        {
            if (name.toString().startsWith(prefix) && service.getAlgorithm().equals(value))
            {
                aliases.add(name.toString().substring(prefix.length()));
            }
        });
        return aliases;
    }

    private static Map<String, String> attributes(Service service)
    {
        Map<String, String> attributes = new HashMap<>();
        for (String name : ATTRIBUTES)
        {
            String value = service.getAttribute(name);
            if (value != null)
            {
                attributes.put(name, value);
            }
        }
        return attributes;
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException
    {
        throw new NotSerializableException(getClass().getName());
    }

    /**
     * A service of the other provider under our name.
     */
    private static final class DelegatingService extends Service
    {
        private final Service delegate;

        private DelegatingService(Provider provider, Service delegate, List<String> aliases, Map<String, String> attributes)
        {
            super(provider, delegate.getType(), delegate.getAlgorithm(), delegate.getClassName(), aliases, attributes);
            this.delegate = delegate;
        }

        @Override
        public Object newInstance(Object parameter) throws NoSuchAlgorithmException
        {
            return delegate.newInstance(parameter);
        }

        @Override
        public boolean supportsParameter(Object parameter)
        {
            boolean withoutEncoding = CIPHER.equals(getType()) && parameter instanceof SecretKey key && key.getFormat() == null;
            return !withoutEncoding && delegate.supportsParameter(parameter);
        }
    }
}
