package io.github.tlsresumption.admin;

import java.util.Map;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ajax.JSON;

/**
 * An answer in JSON.
 *
 * @param status the status code
 * @param body made of maps, lists, texts, numbers, booleans and null
 */
record Json(int status, Object body)
{
    static Json ok(Object body)
    {
        return new Json(200, body);
    }

    static Json error(int status, String message)
    {
        return new Json(status, Map.of("error", message));
    }

    void send(Response response, Callback callback)
    {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json;charset=utf-8");
        Content.Sink.write(response, true, new JSON().toJSON(body) + "\n", callback);
    }
}
