package io.github.tlsresumption.admin;

import java.util.function.Supplier;

import io.github.tlsresumption.status.ServerStatus;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The page for browsers without JavaScript.
 */
final class OverviewPage extends Handler.Abstract
{
    private final Supplier<ServerStatus> source;
    private final ServerFacts facts;
    private final History history;

    OverviewPage(Supplier<ServerStatus> source, ServerFacts facts, History history)
    {
        this.source = source;
        this.facts = facts;
        this.history = history;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback)
    {
        if (HttpMethod.POST.is(request.getMethod()))
        {
            return false;
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/html;charset=utf-8");
        Content.Sink.write(response, true, new Overview(source.get(), facts, history).html(), callback);
        return true;
    }
}
