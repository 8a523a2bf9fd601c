package io.github.tlsresumption.json;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * What is written of each kind of value.
 */
class JsonObjectTest
{
    @Test
    void keepsTheOrderOfItsMembers()
    {
        assertEquals("{\"z\":1,\"a\":\"one \\\"and\\\" two\",\"m\":true}",
            new JsonObject().with("z", 1).with("a", "one \"and\" two").put("m", true).toString());
    }

    @Test
    void leavesAMemberWithoutAValueOutOrWritesNull()
    {
        assertEquals("{\"c\":null,\"d\":null,\"e\":3}", new JsonObject().with("a", null).with("b", Optional.empty())
            .put("c", null).put("d", Optional.empty()).put("e", Optional.of(3)).toString());
    }

    @Test
    void writesObjectsWithinObjectsListsAndOptionals()
    {
        JsonObject inner = new JsonObject().put("none", null);

        assertEquals("{\"one\":{\"none\":null},\"all\":[{\"none\":null}],\"given\":{\"none\":null}}",
            new JsonObject().with("one", inner).with("all", List.of(inner)).with("given", Optional.of(inner)).toString());
    }

    @Test
    void isMadeOfAMap()
    {
        assertEquals("{\"a\":1}", JsonObject.of(Map.of("a", 1)).toString());
    }
}
