package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * Objects as a library itself counts them, by the "external data" that can be tied to each: it tells when an object with such data is
 * freed, which is when the last reference to it has gone.
 * <p>
 * OpenSSL also tells when an object is made, so that all are counted. The BoringSSL family does not: counted are all connections and
 * contexts, which the engine makes, and of the sessions those that a complete handshake has established.
 */
final class LibraryObjects
{
    /** Whose external data it is, in OpenSSL's numbers. */
    enum Kind
    {
        SSL,
        SSL_CTX,
        SSL_SESSION;

        private final AtomicLong made = new AtomicLong();
        private final AtomicLong freed = new AtomicLong();
        private final AtomicLong late = new AtomicLong();
    }

    private static final Linker LINKER = Linker.nativeLinker();
    private static final long OURS = 1;
    /** How the JDK names the threads of cleaners. */
    private static final String CLEANER = "Cleaner";

    private final NativeLibrary library;
    private final boolean tellsOfAll;
    private final Counter[] counters = new Counter[Kind.values().length];

    /**
     * Counts from now on, as long as the JVM lives.
     *
     * @param library of either family
     * @param tellsOfAll whether it is OpenSSL
     */
    LibraryObjects(NativeLibrary library, boolean tellsOfAll)
    {
        this.library = library;
        this.tellsOfAll = tellsOfAll;
        for (Kind kind : Kind.values())
        {
            counters[kind.ordinal()] = tellsOfAll ? ofOpenSsl(kind) : ofBoringSsl(kind);
        }
    }

    private Counter ofOpenSsl(Kind kind)
    {
        NativeFunction set = FunctionTable.link("CRYPTO_set_ex_data", library.address("CRYPTO_set_ex_data"), INT,
            new MemoryLayout[]{POINTER, INT, POINTER});
        Counter counter = new Counter(kind, set);
        FunctionDescriptor type = FunctionDescriptor.of(INT, INT, POINTER, POINTER, POINTER, POINTER, POINTER);
        counter.index = number(LINKER.downcallHandle(library.address("CRYPTO_get_ex_new_index"), type),
            kind.ordinal(), 0L, 0L, counter.stub("made"), 0L, counter.stub("freed"));
        return counter;
    }

    private Counter ofBoringSsl(Kind kind)
    {
        NativeFunction set = FunctionTable.link(kind + "_set_ex_data", library.address(kind + "_set_ex_data"), INT,
            new MemoryLayout[]{POINTER, INT, POINTER});
        Counter counter = new Counter(kind, set);
        FunctionDescriptor type = FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, POINTER, POINTER);
        counter.index = number(LINKER.downcallHandle(library.address(kind + "_get_ex_new_index"), type),
            0L, 0L, 0L, 0L, counter.stub("freed"));
        return counter;
    }

    private static int number(MethodHandle function, Object... arguments)
    {
        try
        {
            return (int)function.invokeWithArguments(arguments);
        }
        catch (Throwable e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * What is called for one kind.
     */
    private static final class Counter
    {
        private final Kind kind;
        private final NativeFunction set;
        private int index;

        private Counter(Kind kind, NativeFunction set)
        {
            this.kind = kind;
            this.set = set;
        }

        private long stub(String method)
        {
            FunctionDescriptor type = FunctionDescriptor.ofVoid(POINTER, POINTER, POINTER, INT, POINTER, POINTER);
            try
            {
                MethodHandle target = MethodHandles.lookup().bind(this, method, type.toMethodType());
                return LINKER.upcallStub(target, type, Arena.global()).address();
            }
            catch (ReflectiveOperationException e)
            {
                throw new AssertionError(e);
            }
        }

        private void mark(long object)
        {
            set.call(object, index, OURS);
            kind.made.incrementAndGet();
        }

        private void made(long object, long data, long all, int number, long argument, long other)
        {
            set.call(all, number, OURS);
            kind.made.incrementAndGet();
        }

        private void freed(long object, long data, long all, int number, long argument, long other)
        {
            if (data == OURS)
            {
                kind.freed.incrementAndGet();
                if (Thread.currentThread().getName().startsWith(CLEANER))
                {
                    kind.late.incrementAndGet();
                }
            }
        }
    }

    /**
     * @param lib the same library
     * @return it, so that what is made by it is counted
     */
    LibSsl counted(LibSsl lib)
    {
        if (tellsOfAll)
        {
            return lib;
        }
        NativeFunction session = FunctionTable.link("SSL_get_session", library.address("SSL_get_session"), POINTER,
            new MemoryLayout[]{POINTER});
        return (LibSsl)Proxy.newProxyInstance(LibSsl.class.getClassLoader(), new Class<?>[]{LibSsl.class}, (proxy, method, arguments) ->
        {
            try
            {
                Object result = method.invoke(lib, arguments);
                switch (method.getName())
                {
                    case "newConnection" -> counters[Kind.SSL.ordinal()].mark((long)result);
                    case "newContext" -> counters[Kind.SSL_CTX.ordinal()].mark((long)result);
                    case "handshake" ->
                    {
                        if ((int)result == LibSsl.DONE)
                        {
                            counters[Kind.SSL_SESSION.ordinal()].mark(session.call((long)arguments[0]));
                        }
                    }
                    default ->
                    {
                        // It makes nothing that is counted.
                    }
                }
                return result;
            }
            catch (InvocationTargetException e)
            {
                throw e.getCause();
            }
        });
    }

    long live(Kind kind)
    {
        return kind.made.get() - kind.freed.get();
    }

    /**
     * @return how many were freed only since the collector of garbage has found that nobody uses them
     */
    long late(Kind kind)
    {
        return kind.late.get();
    }

    @Override
    public String toString()
    {
        StringBuilder text = new StringBuilder();
        for (Kind kind : Kind.values())
        {
            text.append("%s%s %,d made, %,d freed".formatted(text.isEmpty() ? "" : "; ", kind, kind.made.get(), kind.freed.get()));
        }
        return text.toString();
    }
}
