package io.github.tlsresumption.json;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.eclipse.jetty.util.ajax.JSON;

/**
 * An object of JSON, with its members in the order in which they are put in. Values are texts, numbers, booleans, maps, lists, other
 * objects, and Optionals of them.
 */
public final class JsonObject implements JSON.Generator
{
    private final Map<String, Object> members = new LinkedHashMap<>();

    /**
     * An object without members.
     */
    public JsonObject()
    {
    }

    /**
     * @param members its members, in their order
     * @return the object with them
     */
    public static JsonObject of(Map<String, ?> members)
    {
        JsonObject json = new JsonObject();
        json.members.putAll(members);
        return json;
    }

    /**
     * Puts a member in, but not without a value.
     *
     * @param name the member's name
     * @param value null and an empty Optional are left out
     * @return this
     */
    public JsonObject with(String name, Object value)
    {
        return value(value) == null ? this : put(name, value);
    }

    /**
     * Puts a member in, whatever its value is.
     *
     * @param name the member's name
     * @param value null and an empty Optional are written as null
     * @return this
     */
    public JsonObject put(String name, Object value)
    {
        members.put(name, value(value));
        return this;
    }

    private static Object value(Object given)
    {
        return given instanceof Optional<?> optional ? optional.orElse(null) : given;
    }

    @Override
    public void addJSON(Appendable buffer)
    {
        try
        {
            buffer.append(toString());
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @return one line
     */
    @Override
    public String toString()
    {
        return new JSON().toJSON(members);
    }
}
