package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.OptionalInt;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * Methods that a library calls during {@link LibSsl#handshake}. The stubs exist once for a loaded library, for all contexts and
 * connections; the connection is that of the call in which the thread is. An exception out of a stub would end the JVM: each method
 * catches everything and answers as the failure rule says.
 */
abstract class Upcalls
{
    private static final int ALPN_OK = 0;
    private static final int ALPN_FATAL = 2;
    private static final int ALPN_NONE = 3;
    private static final Linker LINKER = Linker.nativeLinker();

    private final MethodHandles.Lookup lookup;
    private final CurrentCallbacks current;

    /**
     * @param lookup sees the methods
     * @param current whom they ask
     */
    Upcalls(MethodHandles.Lookup lookup, CurrentCallbacks current)
    {
        this.lookup = lookup;
        this.current = current;
    }

    /**
     * @param method one of the class that is looked into
     * @return the address of a function that calls it, which exists as long as the JVM lives
     */
    final long stub(String method, MemoryLayout result, MemoryLayout... arguments)
    {
        return stub(lookup, method, result == null ? FunctionDescriptor.ofVoid(arguments) : FunctionDescriptor.of(result, arguments));
    }

    private long stub(MethodHandles.Lookup where, String method, FunctionDescriptor descriptor)
    {
        try
        {
            MethodType type = descriptor.toMethodType();
            MethodHandle target = where.bind(this, method, type);
            return LINKER.upcallStub(target, descriptor, Arena.global()).address();
        }
        catch (ReflectiveOperationException e)
        {
            throw new IllegalStateException(method, e);
        }
    }

    /**
     * @return the address of an array of them
     */
    static long table(long... functions)
    {
        return Arena.global().allocateFrom(POINTER, functions).address();
    }

    /**
     * @return the stub that chooses an application protocol, the same for all families
     */
    final long alpnStub()
    {
        return stub(MethodHandles.lookup(), "alpn",
            FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, POINTER, INT, POINTER));
    }

    /**
     * @return whom to ask
     */
    final SslCallbacks current()
    {
        return current.get();
    }

    final void thrown(Throwable failure)
    {
        current.thrown(failure);
    }

    private int alpn(long connection, long out, long outLength, long in, int inLength, long argument)
    {
        try
        {
            byte[] offered = Memory.bytes(in, inLength);
            OptionalInt chosen = current().chooseProtocol(offered);
            if (chosen.isEmpty())
            {
                return ALPN_NONE;
            }
            Memory.putLong(out, in + chosen.getAsInt() + 1);
            Memory.putByte(outLength, offered[chosen.getAsInt()]);
            return ALPN_OK;
        }
        catch (Throwable e)
        {
            thrown(e);
            return ALPN_FATAL;
        }
    }
}
