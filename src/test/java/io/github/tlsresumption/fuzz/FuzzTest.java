package io.github.tlsresumption.fuzz;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.tlsresumption.jsse.ClientHelloFuzz;
import io.github.tlsresumption.jsse.StateFuzz;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * No input breaks a parser: all that is kept from fuzzing, and some that is near to it. {@code src/test/fuzz.sh} looks for more.
 */
class FuzzTest
{
    private static final int TRIALS = 2_000;

    static Stream<Arguments> targets()
    {
        return Stream.of(
            target("TicketFuzz", TicketFuzz::fuzzerTestOneInput),
            target("RulesFuzz", RulesFuzz::fuzzerTestOneInput),
            target("TicketKeyRingFuzz", TicketKeyRingFuzz::fuzzerTestOneInput),
            target("ForgetLogLinesFuzz", ForgetLogLinesFuzz::fuzzerTestOneInput),
            target("SessionKeyFuzz", SessionKeyFuzz::fuzzerTestOneInput),
            target("ClientHelloFuzz", ClientHelloFuzz::fuzzerTestOneInput),
            target("StateFuzz", StateFuzz::fuzzerTestOneInput));
    }

    private static Arguments target(String name, Consumer<byte[]> target)
    {
        return arguments(name, target);
    }

    @ParameterizedTest
    @MethodSource("targets")
    void noInputBreaksAParser(String name, Consumer<byte[]> target) throws IOException
    {
        KeptInputs.of(name).run(TRIALS, target);
    }
}
