package io.github.tlsresumption.openssl;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collections;

/**
 * A function of a native library whose arguments and result are all {@code long}s here, whatever their types are there: a pointer is its
 * address, and no result is 0. Results of 32 bits keep their sign. Thread-safe.
 */
final class NativeFunction
{
    private final String name;
    private final MethodHandle handle;

    /**
     * @param name for messages
     * @param handle the function, with primitive arguments
     */
    NativeFunction(String name, MethodHandle handle)
    {
        this.name = name;
        int arity = handle.type().parameterCount();
        MethodType longs = MethodType.methodType(long.class, Collections.nCopies(arity, long.class));
        this.handle = MethodHandles.explicitCastArguments(handle, longs);
    }

    long call()
    {
        try
        {
            return (long)handle.invokeExact();
        }
        catch (Throwable e)
        {
            throw unexpected(e);
        }
    }

    long call(long a)
    {
        try
        {
            return (long)handle.invokeExact(a);
        }
        catch (Throwable e)
        {
            throw unexpected(e);
        }
    }

    long call(long a, long b)
    {
        try
        {
            return (long)handle.invokeExact(a, b);
        }
        catch (Throwable e)
        {
            throw unexpected(e);
        }
    }

    long call(long a, long b, long c)
    {
        try
        {
            return (long)handle.invokeExact(a, b, c);
        }
        catch (Throwable e)
        {
            throw unexpected(e);
        }
    }

    long call(long a, long b, long c, long d)
    {
        try
        {
            return (long)handle.invokeExact(a, b, c, d);
        }
        catch (Throwable e)
        {
            throw unexpected(e);
        }
    }

    long call(long a, long b, long c, long d, long f)
    {
        try
        {
            return (long)handle.invokeExact(a, b, c, d, f);
        }
        catch (Throwable e)
        {
            throw unexpected(e);
        }
    }

    private IllegalStateException unexpected(Throwable e)
    {
        // A down-call throws nothing of its own, and no upcall lets anything out.
        return new IllegalStateException(name, e);
    }
}
