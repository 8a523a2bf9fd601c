package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a library says when it refuses something. Its queue of errors belongs to the thread. Thread-safe.
 */
final class ErrorQueue
{
    private static final int MAX_TEXT_BYTES = 256;
    private static final int MAX_ERRORS = 8;

    private final CommonFunctions f;
    private final String library;

    /**
     * @param f the library's functions
     * @param library its description
     */
    ErrorQueue(CommonFunctions f, String library)
    {
        this.f = f;
        this.library = library;
    }

    /**
     * @return the library's description
     */
    String library()
    {
        return library;
    }

    /**
     * @return what is in the queue of this thread, which is empty afterwards
     */
    String take()
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment text = arena.allocate(MAX_TEXT_BYTES);
            List<String> texts = new ArrayList<>();
            long error = f.getError.call();
            while (error != 0 && texts.size() < MAX_ERRORS)
            {
                f.errorString.call(error, text.address(), MAX_TEXT_BYTES);
                texts.add(reason(text.getString(0)));
                error = f.getError.call();
            }
            f.clearErrors.call();
            return texts.isEmpty() ? "the library gives no reason" : String.join(", ", texts);
        }
    }

    /**
     * @param text such as {@code error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER} or {@code error:0A00010B:SSL
     * routines::wrong version number}
     * @return the reason in it
     */
    private static String reason(String text)
    {
        return text.substring(text.lastIndexOf(':') + 1);
    }

    /**
     * @param object the address of a new object
     * @return the object
     * @throws TlsLibraryException when there is none
     */
    long created(long object, String what)
    {
        if (object == 0)
        {
            throw new TlsLibraryException("%s refuses %s: %s".formatted(library, what, take()));
        }
        return object;
    }

    /**
     * @param result of a function that returns 1 when it has done what it should
     * @throws TlsLibraryException when it has not
     */
    void succeeded(long result, String what)
    {
        if (result != 1)
        {
            throw new TlsLibraryException("%s refuses %s: %s".formatted(library, what, take()));
        }
    }

    /**
     * @param address of a constant text of the library
     * @return the text
     */
    static String text(long address)
    {
        return MemorySegment.ofAddress(address).reinterpret(MAX_TEXT_BYTES).getString(0, StandardCharsets.US_ASCII);
    }
}
