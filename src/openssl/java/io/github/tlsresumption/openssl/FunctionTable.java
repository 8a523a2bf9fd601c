package io.github.tlsresumption.openssl;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * What a table of functions is made with: its fields are functions of a library. Immutable.
 */
abstract class FunctionTable
{
    private static final Linker LINKER = Linker.nativeLinker();

    private final NativeLibrary library;

    /**
     * @param library where the functions are
     */
    FunctionTable(NativeLibrary library)
    {
        this.library = library;
    }

    /**
     * @param name a function that may call back
     * @param result the layout of its result, or null when it has none
     * @param arguments the layouts of its arguments
     * @return the function
     * @throws TlsLibraryException when the library lacks it
     */
    final NativeFunction function(String name, MemoryLayout result, MemoryLayout... arguments)
    {
        return link(name, library.address(name), result, arguments);
    }

    /**
     * As {@link #function}, for one that is short and never calls back: the JVM waits for its end before a collection of garbage.
     */
    final NativeFunction leaf(String name, MemoryLayout result, MemoryLayout... arguments)
    {
        return link(name, library.address(name), result, arguments, Linker.Option.critical(false));
    }

    /**
     * As {@link #function}, for one that has two names in the releases of a family.
     */
    final NativeFunction either(String name, String other, MemoryLayout result, MemoryLayout... arguments)
    {
        return function(library.find(name).isPresent() ? name : other, result, arguments);
    }

    /**
     * As {@link #function}, for one that some releases of a family lack.
     */
    final Optional<NativeFunction> optional(String name, MemoryLayout result, MemoryLayout... arguments)
    {
        return library.find(name).map(address -> link(name, address, result, arguments));
    }

    /**
     * @param address of a function, of which there will be one as long as the JVM lives
     */
    static NativeFunction link(String name, MemorySegment address, MemoryLayout result, MemoryLayout[] arguments, Linker.Option... options)
    {
        FunctionDescriptor descriptor =
            result == null ? FunctionDescriptor.ofVoid(arguments) : FunctionDescriptor.of(result, arguments);
        return new NativeFunction(name, LINKER.downcallHandle(address, descriptor, options));
    }
}
