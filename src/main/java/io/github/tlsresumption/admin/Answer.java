package io.github.tlsresumption.admin;

import io.github.tlsresumption.json.JsonObject;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * An answer in JSON.
 *
 * @param status the status code
 * @param body what it says
 * @param problem why something was not done, or not everywhere, for the log; empty otherwise
 */
record Answer(int status, JsonObject body, String problem)
{
    static Answer ok(JsonObject body)
    {
        return new Answer(200, body, "");
    }

    static Answer error(int status, String message)
    {
        return new Answer(status, new JsonObject().with("error", message), String.valueOf(message));
    }

    void send(Response response, Callback callback)
    {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json;charset=utf-8");
        Content.Sink.write(response, true, body + "\n", callback);
    }
}
