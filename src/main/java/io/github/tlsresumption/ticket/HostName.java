package io.github.tlsresumption.ticket;

import java.util.Locale;
import javax.net.ssl.SNIHostName;

/**
 * The one form in which the host of a ClientHello is known here, whatever spelling the client chose. It is the one by which SunJSSE and
 * Jetty choose the certificate: international names in ASCII (RFC 3490 section 4), which maps full-width letters and dots as well, and no
 * trailing dot (RFC 6066 section 3); here also in lower case, as host names have no case (RFC 4343). Stateless.
 */
public final class HostName
{
    private HostName()
    {
    }

    /**
     * @param encoded a HostName as it is in the server_name extension (RFC 6066 section 3)
     * @return the name
     * @throws IllegalArgumentException when SunJSSE ends a handshake that names it
     */
    public static String of(byte[] encoded)
    {
        return of(new SNIHostName(encoded));
    }

    /**
     * @param name as JSSE knows it
     * @return the name
     */
    public static String of(SNIHostName name)
    {
        return name.getAsciiName().toLowerCase(Locale.ROOT);
    }

    /**
     * @param text a name in any spelling
     * @return the name, or the text in lower case when no ClientHello can name such a host
     */
    public static String of(String text)
    {
        if (isPlain(text))
        {
            return text;
        }
        try
        {
            return of(new SNIHostName(text));
        }
        catch (IllegalArgumentException e)
        {
            return text.toLowerCase(Locale.ROOT);
        }
    }

    /*
     * Most names are, and each handshake asks.
     */
    private static boolean isPlain(String text)
    {
        for (int i = 0; i < text.length(); i++)
        {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-'))
            {
                return false;
            }
        }
        return true;
    }
}
