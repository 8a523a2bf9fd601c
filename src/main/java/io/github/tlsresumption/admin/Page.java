package io.github.tlsresumption.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A file of the page for operators, which has nothing of this server in it.
 */
final class Page extends Handler.Abstract
{
    private final String type;
    private final byte[] content;

    /**
     * @param name of a resource beside this class
     * @param type its content type
     */
    Page(String name, String type)
    {
        this.type = type;
        try (InputStream in = Page.class.getResourceAsStream(name))
        {
            content = in.readAllBytes();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback)
    {
        if (HttpMethod.POST.is(request.getMethod()))
        {
            return false;
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.write(true, ByteBuffer.wrap(content), callback);
        return true;
    }
}
