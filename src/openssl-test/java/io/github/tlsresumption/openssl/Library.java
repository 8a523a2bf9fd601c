package io.github.tlsresumption.openssl;

import java.nio.file.Path;

/**
 * The real library that the tests use: the one of the system property {@code native.library}, in the words of the setting, or OpenSSL.
 */
final class Library
{
    private static final LibraryChoice CHOICE = new LibraryChoice(System.getProperty("native.library", ""), "");

    private Library()
    {
    }

    /** The condition of the tests that need it; it tells when it is not there. */
    static boolean isThere()
    {
        try
        {
            load();
            return true;
        }
        catch (TlsLibraryException e)
        {
            System.err.println("[WARNING] native TLS is not tested: " + e.getMessage());
            return false;
        }
    }

    /** Whether the system has OpenSSL 3, whatever the library is that is tested. */
    static boolean systemHasOpenSsl()
    {
        try
        {
            new LibraryChoice("openssl", "").load();
            return true;
        }
        catch (TlsLibraryException e)
        {
            return false;
        }
    }

    static Path file()
    {
        return CHOICE.load().file();
    }

    static NativeTls load()
    {
        return NativeTls.load(CHOICE);
    }

    /** Whether it takes the time from a callback, by which alone a test can go ahead in time. */
    static boolean hasClock()
    {
        return isThere() && !sealsTickets();
    }

    /** Whether it is one that seals tickets by itself, with keys of ours. */
    static boolean sealsTickets()
    {
        return isThere() && load().lib().sealsTickets();
    }
}
