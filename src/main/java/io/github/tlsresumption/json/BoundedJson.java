package io.github.tlsresumption.json;

import java.util.HashMap;
import java.util.Map;

import org.eclipse.jetty.util.ajax.JSON;

/**
 * Reads JSON that somebody else wrote. Jetty's parser calls itself for each array and object within another one, and loads classes that
 * an object names: here the depth is bounded, and none is to be named. Stateless.
 */
public final class BoundedJson
{
    /** More than anything of ours has. */
    private static final int DEEPEST = 16;

    private BoundedJson()
    {
    }

    /**
     * @param text JSON, of a length that the caller has bounded
     * @return the object in it: maps, lists, texts, numbers, booleans and null
     * @throws IllegalArgumentException when it is no JSON object, or has more than 16 arrays and objects within each other
     */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> parse(String text)
    {
        try
        {
            if (new Parser().fromJSON(text) instanceof Map<?, ?> map)
            {
                return (Map<String, Object>)map;
            }
        }
        catch (RuntimeException e)
        {
            throw new IllegalArgumentException("the body is not JSON, or has arrays and objects within each other more than " + DEEPEST
                + " deep", e);
        }
        throw new IllegalArgumentException("the body is not a JSON object");
    }

    private static final class Parser extends JSON
    {
        private int depth;

        @Override
        protected Object parseObject(Source source)
        {
            enter();
            Object object = super.parseObject(source);
            depth--;
            return object;
        }

        @Override
        protected Object parseArray(Source source)
        {
            enter();
            Object array = super.parseArray(source);
            depth--;
            return array;
        }

        private void enter()
        {
            if (++depth > DEEPEST)
            {
                throw new IllegalStateException("too deep");
            }
        }

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
            {
                throw new IllegalArgumentException("a name that is not known");
            }
            return super.put(name, value);
        }
    }
}
