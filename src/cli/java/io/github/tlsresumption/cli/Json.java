package io.github.tlsresumption.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.jetty.BoundedJson;
import org.eclipse.jetty.util.ajax.JSON;

/**
 * Objects of JSON in the order in which they are put together.
 */
final class Json
{
    private final Map<String, Object> members = new LinkedHashMap<>();

    /**
     * @param value null and an empty Optional are left out
     */
    Json with(String name, Object value)
    {
        Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
        if (given != null)
        {
            members.put(name, given instanceof Json json ? json.members : given);
        }
        return this;
    }

    Map<String, Object> map()
    {
        return members;
    }

    /**
     * @return one line
     */
    @Override
    public String toString()
    {
        return new JSON().toJSON(members);
    }

    /**
     * @throws IllegalArgumentException when the text is not an object
     */
    @SuppressWarnings("unchecked")
    static Map<String, Object> parse(String text)
    {
        return (Map<String, Object>)BoundedJson.parse(text);
    }
}
