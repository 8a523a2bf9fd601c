package io.github.tlsresumption.openssl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;

/**
 * A library that does no TLS: each step of a handshake does what the test says. It knows each object that it has made, and fails a test
 * that uses one that is freed or frees one twice.
 */
final class FakeLib implements LibSsl
{
    /** What the next calls of {@link #handshake} do. */
    final Deque<ToIntFunction<SslCallbacks>> steps = new ArrayDeque<>();
    /** How many objects were made of each kind. */
    final Map<String, Integer> made = new HashMap<>();
    /** What cannot be made, or done. */
    String refused = "";
    int readResult = WANTS_INPUT;
    int pending;
    int trimmed;
    boolean sealsTickets;

    private final AtomicLong next = new AtomicLong(1);
    private final Map<Long, String> live = new HashMap<>();

    private long make(String kind)
    {
        refuse(kind);
        long object = next.getAndIncrement();
        live.put(object, kind);
        made.merge(kind, 1, Integer::sum);
        return object;
    }

    private void refuse(String what)
    {
        if (what.equals(refused))
        {
            throw new TlsLibraryException("no " + what);
        }
    }

    private void free(String kind, long object)
    {
        if (!live.remove(object, kind))
        {
            throw new AssertionError(kind + " " + object + " does not exist: " + live);
        }
    }

    private void use(String kind, long object)
    {
        if (!kind.equals(live.get(object)))
        {
            throw new AssertionError(kind + " " + object + " does not exist: " + live);
        }
    }

    /** Nothing that was made is left. */
    void assertEmpty()
    {
        if (!live.isEmpty())
        {
            throw new AssertionError(live.toString());
        }
    }

    @Override
    public String description()
    {
        return "a fake";
    }

    @Override
    public String stateFormat()
    {
        return "fake";
    }

    @Override
    public boolean sealsTickets()
    {
        return sealsTickets;
    }

    @Override
    public boolean asksForSignatures()
    {
        return !sealsTickets;
    }

    @Override
    public List<CipherSuite> cipherSuites()
    {
        return List.of(new CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02B));
    }

    @Override
    public Optional<String> group(String group)
    {
        return Optional.of(group).filter("x25519"::equals);
    }

    @Override
    public long newContext(ContextOptions settings)
    {
        return make("context");
    }

    @Override
    public void freeContext(long context)
    {
        free("context", context);
    }

    @Override
    public long newCertificate(byte[] der)
    {
        return make("certificate");
    }

    @Override
    public void freeCertificate(long certificate)
    {
        free("certificate", certificate);
    }

    @Override
    public long newKey(byte[] pkcs8)
    {
        return make("key");
    }

    @Override
    public void freeKey(long key)
    {
        free("key", key);
    }

    @Override
    public long newConnection(long context)
    {
        use("context", context);
        return make("connection");
    }

    @Override
    public void freeConnection(long connection)
    {
        free("connection", connection);
    }

    @Override
    public void setVerify(long connection, int mode)
    {
        use("connection", connection);
    }

    @Override
    public void setDefaultCertificate(long context, long[] chain, long key)
    {
        use("context", context);
        use(chain, key);
        refuse("setDefaultCertificate");
    }

    @Override
    public void setCertificate(long connection, long[] chain, long key)
    {
        use("connection", connection);
        use(chain, key);
        refuse("setCertificate");
    }

    private void use(long[] chain, long key)
    {
        for (long certificate : chain)
        {
            use("certificate", certificate);
        }
        if (key != 0)
        {
            use("key", key);
        }
    }

    @Override
    public void setSessionIdContext(long connection, byte[] id)
    {
        use("connection", connection);
    }

    @Override
    public void setNoTickets(long connection)
    {
        use("connection", connection);
    }

    @Override
    public void feed(long connection, long address, int length)
    {
        use("connection", connection);
    }

    @Override
    public int pending(long connection)
    {
        use("connection", connection);
        return pending;
    }

    @Override
    public void drain(long connection, long address, int length)
    {
        use("connection", connection);
        pending -= length;
    }

    @Override
    public void trim(long connection)
    {
        use("connection", connection);
        trimmed++;
    }

    @Override
    public int handshake(long connection, SslCallbacks callbacks)
    {
        use("connection", connection);
        int result = steps.isEmpty() ? WANTS_INPUT : steps.remove().applyAsInt(callbacks);
        use("connection", connection);
        return result;
    }

    @Override
    public int read(long connection, long address, int length)
    {
        use("connection", connection);
        return readResult;
    }

    @Override
    public int write(long connection, long address, int length)
    {
        use("connection", connection);
        if ("write".equals(refused))
        {
            return FAILED;
        }
        pending += length == 0 ? 0 : length + 22;
        return length;
    }

    @Override
    public void shutdown(long connection)
    {
        use("connection", connection);
        pending += 24;
    }

    @Override
    public void abort(long connection, int alert)
    {
        use("connection", connection);
        pending += 7;
    }

    @Override
    public int version(long connection)
    {
        use("connection", connection);
        return Supported.TLS13;
    }

    @Override
    public Optional<String> cipherSuite(long connection)
    {
        use("connection", connection);
        return Optional.of("TLS_AES_128_GCM_SHA256");
    }

    @Override
    public boolean isResumed(long connection)
    {
        use("connection", connection);
        return false;
    }

    @Override
    public byte[] sessionId(long connection)
    {
        use("connection", connection);
        return new byte[]{7};
    }

    @Override
    public List<byte[]> peerCertificates(long connection)
    {
        use("connection", connection);
        return List.of();
    }

    @Override
    public List<byte[]> peerCertificates(long context, byte[] state)
    {
        use("context", context);
        return List.of();
    }

    @Override
    public SessionSecret secret(long context, byte[] state)
    {
        use("context", context);
        return new SessionSecret(new byte[32], 0x1301);
    }

    @Override
    public String errors()
    {
        return "because";
    }
}
