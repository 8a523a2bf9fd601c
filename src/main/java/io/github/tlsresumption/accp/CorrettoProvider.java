package io.github.tlsresumption.accp;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKey;

/**
 * What another provider with a native library is good for in a handshake, and at least as good as the JDK elsewhere: all but digests and
 * message authentication codes. Of the few bytes of a handshake those take longer there than with the JDK's intrinsics.
 * <p>
 * Keys that have no encoding are told apart before a cipher is made for them. The other one would refuse SunJSSE's ticket key by an
 * exception, whose stack trace takes longer than all that is done with the ticket.
 */
final class CorrettoProvider extends Provider
{
    private static final long serialVersionUID = 1L;

    private static final Set<String> LEFT_TO_THE_JDK = Set.of("MessageDigest", "Mac");
    private static final String CIPHER = "Cipher";

    private final transient Provider by;
    private final transient Map<Service, Service> services = new ConcurrentHashMap<>();

    /**
     * @param by has the services; it need not be installed
     */
    CorrettoProvider(Provider by)
    {
        super("NativeCorretto", by.getVersionStr(), by.getInfo());
        this.by = by;
    }

    @Override
    public Service getService(String type, String algorithm)
    {
        Service service = LEFT_TO_THE_JDK.contains(type) ? null : by.getService(type, algorithm);
        return service == null ? null : services.computeIfAbsent(service, Selected::new);
    }

    @Override
    public Set<Service> getServices()
    {
        Set<Service> all = new LinkedHashSet<>();
        for (Service service : by.getServices())
        {
            Service selected = getService(service.getType(), service.getAlgorithm());
            if (selected != null)
                all.add(selected);
        }
        return all;
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException
    {
        throw new NotSerializableException(getClass().getName());
    }

    /**
     * A service of the other provider under our name.
     */
    private final class Selected extends Service
    {
        private final Service service;

        private Selected(Service service)
        {
            super(CorrettoProvider.this, service.getType(), service.getAlgorithm(), service.getClassName(), null, null);
            this.service = service;
        }

        @Override
        public Object newInstance(Object parameter) throws NoSuchAlgorithmException
        {
            return service.newInstance(parameter);
        }

        @Override
        public boolean supportsParameter(Object parameter)
        {
            boolean withoutEncoding = CIPHER.equals(getType()) && parameter instanceof SecretKey key && key.getFormat() == null;
            return !withoutEncoding && service.supportsParameter(parameter);
        }
    }
}
