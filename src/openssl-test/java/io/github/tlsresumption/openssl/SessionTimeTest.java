package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * How long the library itself lets a session be resumed: as long as RFC 8446 section 4.6.1 allows at most, so that nothing but the
 * protector ends one earlier.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#hasClock")
class SessionTimeTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final long START = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();
    private static final Consumer<SSLParameters> AS_IS = parameters ->
    {
    };

    private static volatile long now;

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private final SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER));

    /** Called by the library. */
    private static void time(MemorySegment connection, MemorySegment timeval)
    {
        timeval.set(ValueLayout.JAVA_LONG, 0, now);
        timeval.set(ValueLayout.JAVA_LONG, Long.BYTES, 0);
    }

    @Test
    void theLibraryIsAsked() throws SSLException
    {
        now = START;
        try (NativeContext context = context())
        {
            connect(context, "TLSv1.3");
            now = START - 10;
            // A session of the future is none.
            connect(context, "TLSv1.3");
        }
        assertEquals(0, sessions.resumed.get());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, 604799, 1", "TLSv1.2, 604800, 0", "TLSv1.3, 604799, 1", "TLSv1.3, 604800, 0"})
    void aSessionIsGoodForSevenDays(String protocol, long seconds, int resumed) throws SSLException
    {
        now = START;
        try (NativeContext context = context())
        {
            connect(context, protocol);
            now = START + seconds;
            connect(context, protocol);
        }
        assertEquals(2, sessions.established.get());
        assertEquals(resumed, sessions.resumed.get());
    }

    private void connect(NativeContext context, String protocol) throws SSLException
    {
        Peer client = Peer.client(clientContext, Peer.protocol(protocol));
        Peer server = Peer.server(context, AS_IS);
        Peer.pump(client, server);
        client.engine.closeOutbound();
        server.engine.closeOutbound();
        Peer.pump(client, server);
    }

    /**
     * @return one whose library takes the time from here
     */
    private NativeContext context()
    {
        LibSsl lib = Library.load().lib();
        Class<?>[] types = {LibSsl.class};
        LibSsl clocked = (LibSsl)Proxy.newProxyInstance(LibSsl.class.getClassLoader(), types, (proxy, method, args) ->
        {
            try
            {
                Object result = method.invoke(lib, args);
                if (method.getName().equals("newContext"))
                {
                    setClock((long)result);
                }
                return result;
            }
            catch (InvocationTargetException e)
            {
                throw e.getCause();
            }
        });
        return new NativeContext(clocked, new KeyManager[]{new Certificates.Keys(SERVER)}, new TrustManager[0],
            new NativeContext.Sessions(sessions, new SessionCache(sessions, Clock.systemUTC()), new byte[0]), 1,
            Clock.systemUTC(), live);
    }

    private static void setClock(long context) throws Throwable
    {
        Linker linker = Linker.nativeLinker();
        MemoryLayout timeval = MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_LONG);
        FunctionDescriptor callback = FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS.withTargetLayout(timeval));
        MethodHandle target = MethodHandles.lookup().findStatic(SessionTimeTest.class, "time",
            MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class));
        MethodHandle set = linker.downcallHandle(
            SymbolLookup.libraryLookup(Library.file(), Arena.global()).find("SSL_CTX_set_current_time_cb").orElseThrow(),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        set.invoke(context, linker.upcallStub(target, callback, Arena.global()));
    }
}
