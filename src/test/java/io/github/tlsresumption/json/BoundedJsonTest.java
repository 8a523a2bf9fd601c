package io.github.tlsresumption.json;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class BoundedJsonTest
{
    private static final int DEEPEST = 16;

    private static String objects(int depth)
    {
        return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }

    private static String arrays(int depth)
    {
        return "{\"a\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}";
    }

    @Test
    void sixteenWithinEachOtherAreReadAndNotOneMore()
    {
        assertEquals(1, BoundedJson.parse(objects(DEEPEST)).size());
        assertEquals(1, BoundedJson.parse(arrays(DEEPEST)).size());
        assertThrows(IllegalArgumentException.class, () -> BoundedJson.parse(objects(DEEPEST + 1)));
        assertThrows(IllegalArgumentException.class, () -> BoundedJson.parse(arrays(DEEPEST + 1)));
    }

    @Test
    void whatIsBesideEachOtherIsNotBounded()
    {
        assertEquals(1, BoundedJson.parse("{\"a\":[" + "[],{},".repeat(1_000) + "0]}").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":", "{\"a\":[", "/**/[", "[\n"})
    void noDepthEndsInAnError(String opening)
    {
        assertThrows(IllegalArgumentException.class, () -> BoundedJson.parse(opening.repeat(1_000_000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"class", "x-class"})
    void noObjectNamesAClass(String name)
    {
        assertThrows(IllegalArgumentException.class, () -> BoundedJson.parse("{\"" + name + "\":\"java.lang.String\"}"));
        assertThrows(IllegalArgumentException.class, () -> BoundedJson.parse("{\"a\":[{\"" + name + "\":\"java.lang.String\"}]}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "null", "{", "{\"a\"}", "{]", "no", "{\"a\":\"\\u12\"}"})
    void whatIsNoObjectIsRefused(String text)
    {
        assertThrows(IllegalArgumentException.class, () -> BoundedJson.parse(text));
    }

    @Test
    void anObjectIsReadAsItIs()
    {
        assertEquals(Map.of("a", "b", "c", 1L, "d", true), BoundedJson.parse("{\"a\":\"b\",\"c\":1,\"d\":true}"));
    }
}
