package io.github.tlsresumption.admin;

import java.util.HashMap;
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

    /**
     * @param text what a client sent
     * @return the object in it
     * @throws IllegalArgumentException when it is no JSON object
     */
    static Map<?, ?> parse(String text)
    {
        try
        {
            if (new PlainJson().fromJSON(text) instanceof Map<?, ?> map)
                return map;
        }
        catch (RuntimeException x)
        {
            throw new IllegalArgumentException("the body is not JSON", x);
        }
        throw new IllegalArgumentException("the body is not a JSON object");
    }

    void send(Response response, Callback callback)
    {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json;charset=utf-8");
        Content.Sink.write(response, true, new JSON().toJSON(body) + "\n", callback);
    }

    /**
     * Jetty's parser loads classes that an object names: here none is to be named.
     */
    private static final class PlainJson extends JSON
    {
        @Override
        protected Map<String, Object> newMap()
        {
            return new Members();
        }
    }

    private static final class Members extends HashMap<String, Object>
    {
        private static final long serialVersionUID = 1L;

        @Override
        public Object put(String name, Object value)
        {
            if (name.equals("class") || name.equals("x-class"))
                throw new IllegalArgumentException("a name that is not known");
            return super.put(name, value);
        }
    }
}
