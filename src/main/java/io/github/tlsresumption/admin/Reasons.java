package io.github.tlsresumption.admin;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.tlsresumption.resumption.RefusalReason;

/**
 * What reasons for a refusal tell an operator, by their names.
 */
final class Reasons
{
    /** Met when a ticket is made, not when one is offered. */
    static final Set<String> WITHOUT_OFFER =
        names(Set.of(RefusalReason.NO_KEY, RefusalReason.TOO_LARGE, RefusalReason.NO_EXTENDED_MASTER_SECRET));
    /** One is too many. */
    static final Set<String> FAULTS =
        names(Set.of(RefusalReason.NO_KEY, RefusalReason.STORE_UNAVAILABLE, RefusalReason.EARLY_DATA));
    /** Some are met in the best of servers, and many are a fault of the settings. */
    static final Set<String> SUSPECT = names(Set.of(RefusalReason.UNKNOWN_KEY, RefusalReason.TAMPERED, RefusalReason.WRONG_SCOPE,
        RefusalReason.WRONG_CONTEXT, RefusalReason.TOO_LARGE, RefusalReason.TOO_MANY));

    private Reasons()
    {
    }

    private static Set<String> names(Set<RefusalReason> reasons)
    {
        return reasons.stream().map(RefusalReason::toString).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * @param name of a reason
     * @return what has happened, in sentences for an operator
     */
    static String meaning(String name)
    {
        return Arrays.stream(RefusalReason.values()).filter(reason -> reason.toString().equals(name)).findFirst()
            .map(RefusalReason::meaning).orElse("");
    }
}
